import { Type } from 'typebox'
import { SensitiveText } from '../domain/sensitive.ts'
import { kind, type Kind } from './kinds.ts'

/** What `sslmode` may say in the URL of a PostgreSQL, in the words of `STORE_TLS`. https://www.postgresql.org/docs/current/libpq-ssl.html */
const TLS_BY_SSLMODE: Readonly<Record<string, StoreTls>> = {
  disable: 'off', require: 'encrypt', prefer: 'encrypt', 'verify-ca': 'verify', 'verify-full': 'verify'
}

export type StoreTls = 'verify' | 'encrypt' | 'off'

/** Where the record is kept. */
export type StorePlace =
  | { readonly engine: 'sqlite', readonly file: string }
  /** The URL holds a password, and nothing after its path. `tls`: what its `sslmode` said. */
  | { readonly engine: 'postgres', readonly url: SensitiveText, readonly host: string, readonly tls: StoreTls | undefined }

/** `sqlite:` and a path, or the URL of a PostgreSQL. */
export const storeUrl: Kind<StorePlace> =
  kind(Type.String({ maxLength: 2048 }), 'sqlite: followed by a path, or postgres://user:password@host:5432/database, after which ?sslmode= may stand and nothing else', (value) => {
    if (value.startsWith('sqlite:')) return /^sqlite:.{1,1024}$/.test(value) ? { engine: 'sqlite', file: value.slice('sqlite:'.length) } : undefined
    return /^postgres(ql)?:\/\//.test(value) && URL.canParse(value) ? postgres(new URL(value)) : undefined
  })

const postgres = (url: URL): StorePlace | undefined => {
  const mode = url.searchParams.get('sslmode')
  const tls = mode === null ? undefined : TLS_BY_SSLMODE[mode]
  const isKnown = [...url.searchParams.keys()].every((name) => name === 'sslmode') && (mode === null || tls !== undefined)
  if (!isKnown || url.hostname === '' || url.username === '' || !/^\/[^/]+$/.test(url.pathname) || url.hash !== '') return undefined
  url.search = ''
  return { engine: 'postgres', url: new SensitiveText(url.href), host: url.hostname, tls }
}
