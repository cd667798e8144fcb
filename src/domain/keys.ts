import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { SensitiveText } from './sensitive.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** What a sealed text is for, and what it belongs to. It opens only under the same purpose and the same subjects. */
export interface SealContext {
  readonly purpose: 'call' | 'twilio-call' | 'announcement' | 'kept-code' | 'kept-message' | 'escalation' | 'sought' | 'verification' | 'verification-number' | 'session' | 'replay' | 'inspector'
  readonly subjects: readonly string[]
}

/** The gateway's keys: they seal what leaves the process and comes back, and digest what is kept only to be compared. */
export interface Keys {
  /** Encrypts and authenticates a text with the newest key that does not wait (AES-256-GCM). The result is safe in a URL. */
  seal (text: SensitiveText, context: SealContext): string
  /** Opens what `seal` made with any of the keys; `undefined` for anything else. */
  open (sealed: string, context: SealContext): SensitiveText | undefined
  /**
   * A keyed digest of the parts (HMAC-SHA-256, base64url, 43 characters). It is made with the oldest key, so that adding
   * a key changes no digest, and the boundaries of the parts count.
   */
  digest (purpose: string, ...parts: readonly string[]): string
}

/** What `GATEWAY_KEYS` says. */
export interface KeyRing {
  /** 32 bytes each, newest first. All of them open what any process has sealed. */
  readonly keys: readonly Buffer[]
  /** How many of the newest do not seal yet. */
  readonly waiting: number
}

/** A key of 32 bytes for one use, made of one of the gateway's. From it neither that one nor another use's can be told. */
export const deriveKey = (key: Buffer, use: 'seal' | 'digest' | 'sign'): Buffer =>
  Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `phone-code-gateway ${use}`, 32))

/** Makes the keys of `GATEWAY_KEYS`, of which at least one must not wait. */
export const createKeys = (gatewayKeys: KeyRing['keys'], waiting: KeyRing['waiting'] = 0): Keys => {
  const sealKeys = gatewayKeys.map((key) => deriveKey(key, 'seal'))
  const sealing = sealKeys[waiting] as Buffer
  const digestKey = deriveKey(gatewayKeys.at(-1) as Buffer, 'digest')
  const associated = ({ purpose, subjects }: SealContext): Buffer => Buffer.from(JSON.stringify([purpose, ...subjects]))

  const openWith = (key: Buffer, bytes: Buffer, context: SealContext): SensitiveText | undefined => {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    decipher.setAAD(associated(context))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
      return new SensitiveText(text.toString('utf8'))
    } catch {
      return undefined
    }
  }

  return {
    seal (text, context) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(associated(context))
      const body = Buffer.concat([cipher.update(text.reveal(), 'utf8'), cipher.final()])
      return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')
    },
    open (sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
      for (const key of sealKeys) {
        const opened = openWith(key, bytes, context)
        if (opened !== undefined) return opened
      }
      return undefined
    },
    digest (purpose, ...parts) {
      return createHmac('sha256', digestKey).update(JSON.stringify([purpose, ...parts])).digest('base64url')
    }
  }
}
