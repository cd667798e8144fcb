import { randomBytes } from 'node:crypto'

/** What Twilio says of the account, its number and its template, where it is asked. */
export interface Standing {
  readonly status: 'active' | 'suspended' | 'closed'
  readonly type: 'Full' | 'Trial'
  readonly capabilities: { readonly sms: boolean, readonly voice: boolean }
  /** What WhatsApp says of the template: `approved`, `pending`, `rejected` and others. */
  readonly approval: string
}

const GOOD_STANDING: Standing = { status: 'active', type: 'Full', capabilities: { sms: true, voice: true }, approval: 'approved' }

/** Values of the account; random where they are left out, or one of the sandbox's own. */
export interface TwilioOptions {
  /** `AC` and 32 hexadecimal digits. */
  readonly accountSid?: string
  /** The primary token: it lets requests in, and signs what the sandbox sends. */
  readonly authToken?: string
  readonly apiKey?: { readonly sid: string, readonly secret: string }
  readonly phoneNumber?: string
  readonly whatsappNumber?: string
  /** Whether the Verify service takes codes of the caller; it does unless told otherwise. */
  readonly customCodes?: boolean
  /** What is not as it should be; nothing unless told otherwise. */
  readonly standing?: Partial<Standing>
}

/** What a client of the local Twilio needs to know. */
export interface TwilioAccount {
  /** The one origin of all of Twilio's hosts. */
  readonly baseUrl: string
  readonly accountSid: string
  readonly authToken: string
  /** Lets in as the token does, but signs nothing. */
  readonly apiKey: { readonly sid: string, readonly secret: string }
  /** Can send and call. */
  readonly phoneNumber: string
  readonly messagingServiceSid: string
  /** Without `whatsapp:`. */
  readonly whatsappNumber: string
  /** An authentication template: its variable `1` is the code. */
  readonly contentSid: string
  readonly verifySid: string
}

/** A new identifier of Twilio: two letters and 32 hexadecimal digits. */
export const createSid = (prefix: string): string => `${prefix}${randomBytes(16).toString('hex')}`

/** Makes an account; `baseUrl` is asked for once the sandbox listens. */
export const createAccount = (baseUrl: () => string, {
  accountSid = createSid('AC'),
  authToken = randomBytes(16).toString('hex'),
  apiKey = { sid: createSid('SK'), secret: randomBytes(16).toString('hex') },
  phoneNumber = '+15550200001',
  whatsappNumber = '+15550200002'
}: TwilioOptions = {}): TwilioAccount => ({
  get baseUrl () { return baseUrl() },
  accountSid,
  authToken,
  apiKey,
  phoneNumber,
  messagingServiceSid: createSid('MG'),
  whatsappNumber,
  contentSid: createSid('HX'),
  verifySid: createSid('VA')
})

/** The standing of an account of which only what is odd is told. */
export const createStanding = (odd: Partial<Standing> = {}): Standing => ({ ...GOOD_STANDING, ...odd })
