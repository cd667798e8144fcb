import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import metadata from 'libphonenumber-js/min/metadata'
import { ASSET_HEADERS, endsWithSlash, givePageAsset, readPageAssets, toPageAsset, type PageAsset } from './page-assets.ts'
import { sourcesOf, type Origins } from './verify-origins.ts'

export interface VerifyPageDeps {
  /** Whose pages may frame ours. */
  readonly origins: Origins
}

const FOLDER = new URL('../verify-page/page/', import.meta.url)

/** A page that asks for numbers needs none of these; a code out of a message only it may read. */
const PERMISSIONS = ['otp-credentials=(self)', ...['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb'].map((name) => `${name}=()`)].join(', ')

/**
 * `GET /verify`: the page on which a person gives a number and enters the code. `GET /verify/assets/…`: what it is made of.
 * `GET /verify.js` and `/verify.mjs`: what other pages load to open it in a dialog. All of it is the same for everybody.
 */
export const verifyPageRoutes = ({ origins }: VerifyPageDeps): FastifyPluginAsync => async (app) => {
  const assets = await readAssets()
  const give = (name: string, headers: Readonly<Record<string, string>>) => async (request: FastifyRequest, reply: FastifyReply) =>
    givePageAsset(assets.get(name), request, reply.headers(headers))

  const ancestors = sourcesOf(origins)
  const page = give('index.html', pageHeaders(ancestors))
  app.get('/verify', { schema: { hide: true } }, async (request, reply) => {
    // The addresses in the page are relative to `/verify`. Browsers keep the fragment, with the session.
    if (endsWithSlash(request)) return await reply.redirect('../verify', 308)
    // What helmet says for every other page: framing by none but our own, and no opener.
    if (ancestors.length > 0) reply.raw.removeHeader('x-frame-options')
    return await page(request, reply)
  })

  app.get<{ Params: { '*': string } }>('/verify/assets/*', { schema: { hide: true } }, async (request, reply) =>
    givePageAsset(assets.get(request.params['*']), request, reply.headers(ASSET_HEADERS)))

  app.get('/verify.js', { schema: { hide: true } }, give('embed/verify.js', SCRIPT_HEADERS))
  app.get('/verify.mjs', { schema: { hide: true } }, give('embed/module.js', SCRIPT_HEADERS))
}

/** For pages of others, which may ask for the bytes to compare them with a hash that they know. */
const SCRIPT_HEADERS = {
  ...ASSET_HEADERS,
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin'
}

const pageHeaders = (ancestors: readonly string[]): Readonly<Record<string, string>> => ({
  ...ASSET_HEADERS,
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    `frame-ancestors ${ancestors.length > 0 ? ancestors.join(' ') : "'none'"}`
  ].join('; '),
  // A window that was opened by an app tells it how it ended.
  'cross-origin-opener-policy': 'unsafe-none',
  'permissions-policy': PERMISSIONS
})

/** All files of the page by their names, and the one that is made here. */
const readAssets = async (): Promise<ReadonlyMap<string, PageAsset>> =>
  (await readPageAssets(FOLDER)).set('countries.json', toPageAsset('countries.json', Buffer.from(JSON.stringify(metadata.country_calling_codes))))
