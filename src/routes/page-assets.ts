import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RequestError } from '../domain/errors.ts'

/** A file of a page, as it is sent. */
export interface PageAsset {
  readonly type: string
  readonly tag: string
  readonly content: Buffer
}

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml'
}

/** What goes with files that are the same for everybody, and that nothing may be made of but what names them. */
export const ASSET_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-cache',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff'
}

/** Reads all files of a folder that pages are made of, by their names below it. */
export const readPageAssets = async (folder: URL): Promise<Map<string, PageAsset>> => {
  const found = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'))
  const names = found.filter((name) => TYPES[endingOf(name)] !== undefined)
  return new Map(await Promise.all(names.map(async (name) => [name, toPageAsset(name, await readFile(new URL(name, folder)))] as const)))
}

/** Makes a file of that name, whose ending is one that pages are made of. */
export const toPageAsset = (name: string, content: Buffer): PageAsset => ({
  type: TYPES[endingOf(name)] as string,
  tag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
  content
})

/** Sends a file, where the browser has not got it already. Throws `RequestError` where there is none. */
export const givePageAsset = async (asset: PageAsset | undefined, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
  if (asset === undefined) throw new RequestError('not_found')
  reply.header('etag', asset.tag)
  if (request.headers['if-none-match'] === asset.tag) return await reply.code(304).send()
  return await reply.type(asset.type).send(asset.content)
}

/** Whether an address ends with a slash, to which the relative addresses in a page do not fit. */
export const endsWithSlash = ({ url }: FastifyRequest): boolean => /^[^?]*\/(?:\?|$)/.test(url)

const endingOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1)
