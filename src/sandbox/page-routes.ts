import { readFile } from 'node:fs/promises'
import type { FastifyPluginAsync } from 'fastify'
import { ownPagesOnly } from './own-pages.ts'

const FILES = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/handset.js', file: 'handset.js', type: 'text/javascript; charset=utf-8' },
  { path: '/inbox.js', file: 'inbox.js', type: 'text/javascript; charset=utf-8' },
  { path: '/voice.js', file: 'voice.js', type: 'text/javascript; charset=utf-8' },
  { path: '/handset.css', file: 'handset.css', type: 'text/css; charset=utf-8' },
  { path: '/handset.svg', file: 'handset.svg', type: 'image/svg+xml' }
]

const HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
}

/** The handset page: files beside this one, read once. */
export const pageRoutes = (allowedHosts: readonly string[]): FastifyPluginAsync => async app => {
  app.addHook('onRequest', ownPagesOnly(allowedHosts))
  for (const { path, file, type } of FILES) {
    const content = await readFile(new URL(`./page/${file}`, import.meta.url))
    app.get(path, (_request, reply) => reply.headers(HEADERS).type(type).send(content))
  }
}
