import { readFile } from 'node:fs/promises'
import type { FastifyPluginAsync } from 'fastify'
import type { InspectorGuard } from './inspector-guard.ts'
import { ASSET_HEADERS, endsWithSlash, givePageAsset, readPageAssets, toPageAsset, type PageAsset } from './page-assets.ts'

const FOLDER = new URL('../inspector/page/', import.meta.url)

/** What others have written, by the name under which the page asks for it, and where it is. */
const VENDORED: ReadonlyArray<readonly [string, string]> = [
  ['vendor/uplot.js', import.meta.resolve('uplot/dist/uPlot.esm.js')],
  ['vendor/uplot.css', import.meta.resolve('uplot/dist/uPlot.min.css')]
]

/**
 * `GET /inspector`: the page, and for strangers the one on which they sign in. `GET /inspector/assets/…`: what both are made
 * of. That is open to all, since it holds nothing but what everybody can read who has the gateway's source.
 */
export const inspectorPageRoutes = (guard: InspectorGuard): FastifyPluginAsync => async (app) => {
  const assets = await readAssets()

  app.get('/inspector', { schema: { hide: true } }, async (request, reply) => {
    reply.headers({ 'cache-control': 'no-store' })
    guard.checkSource(request)
    // The addresses in the page are relative to `/inspector`. Browsers keep the fragment, with what is shown.
    if (endsWithSlash(request)) return await reply.redirect('../inspector', 308)
    const isKnown = guard.entryOf(request) !== undefined
    // Both pages are html, as are all that end like that.
    const { type, content } = assets.get(isKnown ? 'index.html' : 'sign-in.html') as PageAsset
    return await reply.code(isKnown ? 200 : 401).headers(pageHeaders(request.headers.host as string)).type(type).send(content)
  })

  app.get<{ Params: { '*': string } }>('/inspector/assets/*', { schema: { hide: true } }, async (request, reply) =>
    givePageAsset(assets.get(request.params['*']), request, reply.headers(ASSET_HEADERS)))
}

const pageHeaders = (host: string): Readonly<Record<string, string>> => ({
  ...ASSET_HEADERS,
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${["'self'", ...socketSources(host)].join(' ')}`,
    "form-action 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "frame-ancestors 'none'"
  ].join('; '),
  'permissions-policy': ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb'].map((name) => `${name}=()`).join(', '),
  'x-frame-options': 'DENY'
})

/** Safari up to 15 takes a socket for another place than the page's own. An IPv6 address cannot be said there. */
const socketSources = (host: string): string[] => host.startsWith('[') ? [] : [`ws://${host}`, `wss://${host}`]

const readAssets = async (): Promise<ReadonlyMap<string, PageAsset>> => {
  const [own, vendored] = await Promise.all([
    readPageAssets(FOLDER),
    Promise.all(VENDORED.map(async ([name, place]) => [name, toPageAsset(name, await readFile(new URL(place)))] as const))
  ])
  return new Map([...own, ...vendored])
}
