/** What stands under a name, as far as the name tells: it is masked whatever it looks like. */
export type SecretKind = 'number' | 'secret' | 'address'

/** Names, or words of a name, that say it by themselves: `pin`, `user_pin`, `userPin`. */
const WORDS: Readonly<Record<SecretKind, ReadonlySet<string>>> = {
  number: new Set(['number', 'numbers', 'to', 'from', 'tel', 'fax', 'cell', 'called', 'caller', 'callee', 'sender', 'nummer', 'numero', 'destination', 'destinations', 'contact', 'target', 'address', 'addresses']),
  secret: new Set([
    'code', 'codes', 'otp', 'pin', 'tan', 'key', 'keys', 'auth', 'pass', 'pwd', 'pw', 'nonce', 'login', 'jwt', 'sig', 'hash', 'salt', 'csrf', 'session', 'mail', 'mails',
    'digits', 'codigo', 'codice', 'clave', 'senha', 'kode', 'mfa', 'totp'
  ]),
  address: new Set(['ip', 'ips', 'addr', 'forwarded'])
}

/** What says it wherever it stands in a name: `userphonenumber`, `mfaSecretValue`. */
const PARTS: ReadonlyArray<readonly [RegExp, SecretKind]> = [
  [/secret|token|passw|passcode|passwort|kennwort|contrasena|credential|authori[sz]ation|apikey|privatekey|cookie|signature|bearer|otp|onetime|verificationcode|mfacode|email|код|парол|密码|密碼|验证码|驗證碼|パスワード|암호|username|nickname|firstname|lastname|givenname|familyname|fullname|middlename|surname|birth/, 'secret'],
  [/phone|mobile|msisdn|recipient|telefon|handy|cellular|e164|whatsappid|waid|телефон|номер|电话|電話|手机|手機|전화/, 'number'],
  [/ipaddress|clientip|remoteaddr|realip|forwardedfor/, 'address']
]

/** Names with such a word that nevertheless say nothing of anybody. */
const HARMLESS = new Set([
  'statuscode', 'errorcode', 'vendorcode', 'countrycode', 'callingcode', 'languagecode', 'localecode', 'continentcode', 'subdivisioncode', 'regioncode', 'currencycode', 'httpcode', 'reasoncode',
  'resultcode', 'clientname', 'friendlyname', 'displayname', 'appname', 'cityname', 'countryname', 'hostname', 'servicename', 'functionname', 'hookname', 'eventname', 'applicationname', 'profilename',
  'templatename', 'tenantname', 'connectionname', 'codelength', 'tokentype', 'otptype', 'phonetype', 'numbertype', 'otpexpires', 'codeexpires', 'tokenexpires'
])

/** Whose name is a person's. */
const PERSONS = new Set(['user', 'userprofile', 'profile', 'identity', 'person', 'traits', 'contact', 'customer', 'subscriber', 'owner', 'member', 'employee', 'patient', 'guest'])

const wordsOf = (name: string): string[] =>
  name.replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2').toLowerCase().split(/[^\p{L}]+/u).filter((word) => word !== '')

/** The letters of a name alone, which is how it is compared. */
export const plainName = (name: string): string => name.normalize('NFKD').toLowerCase().replace(/[^\p{L}]/gu, '')

const LONGEST_END = 64

/** The two ends of a name that is no name: to take it to pieces is work. */
const short = (name: string): string => name.length > 2 * LONGEST_END ? `${name.slice(0, LONGEST_END)} ${name.slice(-LONGEST_END)}` : name

/** What the name of a field says of what stands there; `parent` is the name of the field that it is in. */
export const secretKindOf = (name: string, parent: string): SecretKind | undefined => {
  const plain = plainName(short(name))
  if (HARMLESS.has(plain)) return undefined
  // Apps have names too, and so do people.
  if (plain === 'name') return PERSONS.has(plainName(short(parent))) ? 'secret' : undefined
  const part = PARTS.find(([pattern]) => pattern.test(plain))
  if (part !== undefined) return part[1]
  const words = [plain, ...wordsOf(short(name))]
  return (['address', 'number', 'secret'] as const).find((kind) => words.some((word) => WORDS[kind].has(word)))
}

/** Whether a number under that name is a moment, or how long something took. */
export const isMoment = (name: string): boolean =>
  /(?:At|_at|Time|_time|Date|_date)$|^(?:timestamp|time|date|at|exp|iat|nbf|now|ts|t|expires|expiry)$|[tT]imestamp$/.test(name)

/** Whether a number under that name says how something went, or how long it took. */
export const isMeasure = (name: string): boolean =>
  ['statuscode', 'errorcode', 'vendorcode', 'httpcode', 'status', 'ms', 'milliseconds', 'duration', 'durationms', 'latency', 'latencyms', 'elapsed', 'elapsedms'].includes(plainName(name))
