// The same for pages that import: `import { verify } from 'https://gateway.example/verify.mjs'`.
import './verify.js'

const { PhoneCode } = window

/** As `PhoneCode.verify`; the gateway is where this module came from. */
export const verify = options => PhoneCode.verify({ gateway: import.meta.url, ...options })
