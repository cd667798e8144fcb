import t from 'tap'
import { maskJson } from '../../src/feed/masking.ts'
import { BODIES } from './bodies.ts'

/** Chance that is the same each time. */
const random = (seed: number) => (below: number): number => {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return Math.floor(seed / 0x7fffffff * below) % below
}

const SIGNS = 'ABCDEFGHJKLMNPQRSTUVWXYZ'
const ARABIC = (digits: string): string => [...digits].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join('')
const WIDE = (digits: string): string => [...digits].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('')

/** Puts something in place of each text of a value in turn, and gives each of the results. */
const placed = (value: unknown, put: (text: string) => string): unknown[] => {
  if (typeof value === 'string') return [put(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => placed(item, put)
    .map((changed) => Array.isArray(value) ? value.map((one, index) => index === Number(name) ? changed : one) : { ...value, [name]: changed }))
}

/** How people, templates and voices write a code into a text. */
const WRITINGS: ReadonlyArray<readonly [string, (code: string, text: string) => string]> = [
  ['alone', (code) => code],
  ['in a sentence', (code) => `Your code is ${code}. It expires in 5 minutes.`],
  ['at the front', (code, text) => `${code} ${text}`],
  ['at the end', (code, text) => `${text}: ${code}`],
  ['within words', (code, text) => `${text}(${code})${text}`],
  ['in quotes', (code) => `"${code}" is it, „${code}“ too`],
  ['with spaces', (code) => `say ${[...code].join(' ')} now`],
  ['with commas', (code) => `${[...code].join(', ')}.`],
  ['with dots', (code) => `It is ${[...code].join('. ')}.`],
  ['in halves', (code) => `Code ${code.slice(0, 3)} ${code.slice(3)}`],
  ['with a dash', (code) => `Code ${code.slice(0, 3)}-${code.slice(3)}`],
  ['as speech', (code) => `<speak>${[...code].map((sign) => `<say-as interpret-as="digits">${sign}</say-as><break time="300ms"/>`).join('')}</speak>`],
  ['in Chinese', (code) => `您的验证码是${code}，请勿泄露`],
  ['as a link', (code) => `https://app.example.com/otp?code=${code}&x=1`],
  ['as a path', (code) => `https://app.example.com/otp/${code}/enter`],
  ['for WebOTP', (code) => `Hello\n\n@app.example.com #${code}`],
  ['as JSON', (code) => JSON.stringify({ deep: { otp: code, text: `Hi ${code}` } })],
  ['as a form', (code) => `To=%2B14155550123&Body=Your+code+${code}&x=${code}`],
  ['base64 in a header', (code) => `Basic ${Buffer.from(`user:${code}`).toString('base64')}`],
  ['behind a letter', (code) => `G-${code}`]
]

/** All that may not be found: as it is, and with whatever stood between its characters taken out. */
const holds = (value: unknown, secret: string): boolean => {
  const written = JSON.stringify(value).toLowerCase()
  const bare = written.replace(/<[^<>]*>|[^\p{L}\p{N}]/gu, '')
  return written.includes(secret.toLowerCase()) || bare.includes(secret.toLowerCase()) || written.includes(encodeURIComponent(secret).toLowerCase())
}

t.test('no code survives in any place of any body, in any writing', async (t) => {
  const chance = random(7)
  for (const [name, body] of Object.entries(BODIES)) {
    for (const [writing, write] of WRITINGS) {
      const digits = String(100_000 + chance(900_000))
      const mixed = `${chance(10)}${SIGNS[chance(24)] as string}${chance(10)}${chance(10)}${SIGNS[chance(24)] as string}${SIGNS[chance(24)] as string}`
      for (const code of [digits, mixed, mixed.toLowerCase(), digits.repeat(2).slice(0, 10), digits.slice(0, 5)]) {
        const survivors = placed(body, (text) => write(code, text)).filter((changed) => holds(maskJson(changed), code))
        t.same(survivors, [], `${name}: ${code} ${writing}`)
      }
    }
  }
})

t.test('digits of other scripts are digits', async (t) => {
  for (const code of [ARABIC('482913'), WIDE('482913'), '𝟒𝟖𝟐𝟗𝟏𝟑', '④⑧②⑨①③', '4\u200b8\u200b2\u200b9\u200b1\u200b3']) {
    t.same(maskJson({ text: `code ${code}!`, note: code }), { text: 'code •••!', note: '•••' }, code)
  }
  t.notMatch(maskJson('4️⃣8️⃣2️⃣9️⃣') as string, /[4829]/, 'keys of a keyboard')
})

t.test('no number survives in any place of any body, in any writing', async (t) => {
  const chance = random(11)
  for (const [name, body] of Object.entries(BODIES)) {
    const line = String(1000 + chance(9000))
    const number = `+1415555${line}`
    const writings = [
      number, number.slice(1), `+1 415 555 ${line}`, `(415) 555-${line}`, `+1.415.555.${line}`, `whatsapp:${number}`, `tel:${number}`, `001415555${line}`,
      `Call ${number} now`, `${number}, ${number}`, `"${number}"`, `＋${WIDE(number.slice(1))}`, `sip:${number}@example.com`, `to ${number}: Your code`, encodeURIComponent(number), `auth0|sms|${number}`
    ]
    for (const writing of writings) {
      for (const changed of placed(body, () => writing)) {
        const shown = JSON.stringify(maskJson(changed)).replace(/[^0-9]/g, ' ')
        t.notOk(/415 *555/.test(shown) || shown.replace(/ /g, '').includes(number.slice(1)), `${name}: ${writing}`)
      }
    }
  }
})

t.test('what stands under the name of a secret is masked, and wherever else it stands', async (t) => {
  for (const name of ['code', 'otp', 'OTP', 'oTP', 'otpCode', 'otp_code', 'one-time-code', 'verification_code', 'pin', 'user_pin', 'PIN', 'password', 'userPassword', 'secret', 'clientSecret', 'client_secret', 'token', 'access_token', 'key', 'apiKey', 'api-key', 'x-api-key', 'Authorization', 'credential', 'cookie', 'signature', 'email', 'e-mail', 'código', '密码', 'nonce', 'passcode', 'auth']) {
    for (const secret of ['KXRMTQ', 'kxrmtq', 'Sommer im Garten', 'p4ss!word']) {
      const masked = maskJson({ data: { [name]: secret }, list: [`we sent ${secret} to you`, { body: secret.toUpperCase(), [secret]: 1 }] })
      t.notOk(holds(masked, secret), `${name}: ${secret}: ${JSON.stringify(masked)}`)
    }
  }
})

t.test('a whole branch under such a name is masked', async (t) => {
  t.same(maskJson({ secrets: { GATEWAY: 'abc', deep: [{ a: 'x', ok: true, none: null, n: 7 }] }, empty: { token: '', phone: '' } }),
    { secrets: { GATEWAY: '•••', deep: [{ a: '•••', ok: true, none: null, n: '•••' }] }, empty: { token: '', phone: '' } })
})

t.test('a number is shown as everywhere', async (t) => {
  t.same(maskJson({
    phoneNumber: '+4915112345678', phone_number: '4915112345678', msisdn: '004915112345678', To: 'whatsapp:+14155550123', from: 'Acme', recipient: '+1 (415) 555-0123', mobile: 14155550123, number: '0151 12345678', sender: '8'.repeat(300), any: '+49 151 12345678', said: 'Ring +49 151 12345678.'
  }), {
    phoneNumber: '+49•••••••5678', phone_number: '+49•••••••5678', msisdn: '+49•••••••5678', To: 'whatsapp:+1••••••0123', from: '•••', recipient: '+1••••••0123', mobile: '+1••••••0123', number: '•••', sender: '•••', any: '+49•••••••5678', said: 'Ring +49•••.'
  })
})

t.test('the end of a number in a sentence is not shown: it may be the code behind it', async (t) => {
  t.notMatch(JSON.stringify(maskJson({ said: '+49 30 123456 4829 is it' })), '4829')
})

t.test('letters that are a code are masked where the words around them say so', async (t) => {
  for (const text of ['Your code is kxrmtq', 'Code: kxrmtq', 'Ihr Code lautet KXRMTQ.', 'KXRMTQ is your code', '验证码是KXRMTQ', 'Enter KXR MTQ please', 'CODE = "kxrmtq"', 'Tu código es kxrmtq', 'say K, X, R, M, T, Q']) {
    t.notOk(holds(maskJson({ text }), 'kxrmtq'), text)
  }
})

t.test('a code that is scattered over a text is masked, and a few digits are not', async (t) => {
  t.equal(maskJson('four 4 then 8 and 2 and 9'), 'four ••• then ••• and ••• and •••')
  t.equal(maskJson('valid for 10 minutes, 3 times'), 'valid for 10 minutes, 3 times')
})

t.test('a code that is known is masked in whatever writing', async (t) => {
  const options = { known: ['kxrmtq', 'a$^(b'] }
  for (const text of ['kxrmtq', 'KxRmTq', 'is kxrmtq your word', 'kxr mtq', 'k-x-r-m-t-q', 'xxkxrmtqxx', Buffer.from('kxrmtq').toString('base64'), 'so a$^(b so']) {
    const masked = maskJson({ text, [text]: 0 }, options)
    t.notOk(holds(masked, 'kxrmtq') || holds(masked, 'a$^(b') || JSON.stringify(masked).includes(Buffer.from('kxrmtq').toString('base64')), text)
  }
})

t.test('tokens, addresses and long texts of no words are masked', async (t) => {
  const jwt = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'
  for (const text of [jwt, `Bearer ${jwt}`, `see ${jwt}.`, 'basic dXNlcjpwYXNz', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'AC0123456789abcdef0123456789abcdef', 'someone.else@example.com', 'mailto:someone.else@example.com', 'https://user:hunter2@example.com/x', 'x?token=abc']) {
    const shown = JSON.stringify(maskJson({ text }))
    for (const part of [jwt.split('.')[2] as string, 'dXNlcjpwYXNz', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', '0123456789abcdef', 'someone', 'hunter2', 'abc"']) t.notOk(shown.includes(part), `${text}: ${part}`)
  }
})

t.test('addresses of the internet show their network', async (t) => {
  t.same(maskJson({ ip: '203.0.113.7', ipAddress: '2001:db8:1::7', 'X-Forwarded-For': '203.0.113.7, 198.51.100.2', client_ip: 'unknown', ip_address: 7, note: 'from 203.0.113.7' }),
    { ip: '203.0.•.•', ipAddress: '2001:db8:•••', 'X-Forwarded-For': '203.0.•.•, 198.51.•.•', client_ip: '•••', ip_address: '•••', note: 'from •••' })
})

t.test('what helps to understand a request stays', async (t) => {
  const body = {
    notification: { delivery_method: 'text', locale: 'en_US', message_type: 'otp_verify' },
    client: { name: 'Fabrikam', client_name: 'Fabrikam Shop' },
    id: '01927e5c-1a2b-7c3d-8e4f-0123456789ab',
    eventTime: '2022-01-28T21:43:40.000Z',
    day: '2022-01-28',
    exp: 1_700_000_000,
    createdAt: 1_700_000_000_000,
    statusCode: 200,
    errorCode: 21211,
    userProfile: { userId: '00uyxxSknGtK8022w0g3' },
    messageSid: 'SM0123456789abcdef0123456789abcdef',
    requestType: 'com.okta.user.telephony.pre-enrollment',
    action: 'second-factor-authentication',
    method: 'POST',
    countryCode3: 'DEU',
    channel: 'VOICE',
    minutes: 5,
    ok: true,
    none: null,
    text: 'It expires in 5 minutes'
  }
  t.same(maskJson(body), body)
})

t.test('numbers that are no moments are masked', async (t) => {
  t.same(maskJson({ a: 1234, b: 999, c: 12.5, d: 52.5201, at: 4155550123, exp: 4829, n: -48291, status: 482913, createdAt: 123456 }),
    { a: '•••', b: 999, c: 12.5, d: '•••', at: '•••', exp: '•••', n: '•••', status: '•••', createdAt: '•••' })
})

t.test('people have no names', async (t) => {
  t.same(maskJson({ user: { name: 'Max Muster', given_name: 'Max', nickname: 'maxm' }, name: 'Fabrikam', greeting: 'Hello Max Muster' }),
    { user: { name: '•••', given_name: '•••', nickname: '•••' }, name: 'Fabrikam', greeting: 'Hello •••' })
})

t.test('names of fields hold no numbers either', async (t) => {
  const masked = maskJson({ '+4915112345678': 1, 482913: 2, 917356: 3, AB12: 4, 'someone@example.com': 5, ['x'.repeat(200)]: 6, countryCode3: 7, 12: 8 }) as object
  t.notMatch(JSON.stringify(masked), /12345678|482913|917356|AB12|someone|x{65}/)
  t.equal(Object.keys(masked).length, 8, 'none is lost')
})

t.test('what is deep, wide and long is cut', async (t) => {
  const deep = JSON.parse(`${'{"a":'.repeat(30)}1${'}'.repeat(30)}`) as unknown
  t.ok(JSON.stringify(maskJson(deep)).length < 100)
  const wide = maskJson(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${'abcdefghij'[index % 10] as string}${'y'.repeat(index)}`, 1]))) as object
  t.ok(Object.keys(wide).length <= 201)
  t.equal((maskJson(Array.from({ length: 500 }, () => 1)) as unknown[]).length, 201)
  t.equal((maskJson('wort '.repeat(1000)) as string).length, 501)
  t.ok((maskJson('x'.repeat(60_000)) as string).length <= 501)
  const large = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${'z'.repeat(index % 50)}${'q'.repeat(index / 50)}`, 'ein Satz '.repeat(100)]))
  t.ok(JSON.stringify(maskJson(large)).length < 9000)
  t.match(maskJson(large), { '…': '…' })
  t.ok(JSON.stringify(maskJson(JSON.stringify(large))).length < 9000)
})

t.test('a code at the cut does not show half of itself', async (t) => {
  for (const length of [495, 497, 499, 1490, 1496, 1498]) t.notMatch(maskJson(`${'ab '.repeat(length / 3)}482913`), /48/)
})

t.test('what no JSON is does no harm', async (t) => {
  t.equal(maskJson(Buffer.from('{"code":"482913"')), '•••', 'bytes are not listed')
  t.equal(maskJson(undefined), undefined)
  t.equal(maskJson(10n), '•••')
  t.same(maskJson({ when: new Date(), map: new Map([['482913', 1]]), run: () => {} }), { when: '•••', map: '•••', run: '•••' })
  t.same(maskJson(Object.assign(Object.create(null), { code: 'KXRMTQ', a: 'KXRMTQ' })), { code: '•••', a: '•••' })
  t.equal(maskJson('{"code": broken 482913'), '{"code": broken •••')
  t.equal(maskJson('[1,2,"482913"]'), '[1,2,"•••"]')
  t.equal(maskJson(JSON.parse('{"__proto__": {"code": "482913"}}') as unknown) instanceof Object, true)
})

t.test('it takes no long time, whatever comes', async (t) => {
  const hostile = ['a1'.repeat(30_000), '<'.repeat(60_000), '1<'.repeat(30_000), 'a'.repeat(60_000), '@'.repeat(60_000), 'A '.repeat(30_000), 'code is '.repeat(8000), '+1 '.repeat(20_000), 'Aa'.repeat(30_000), '{'.repeat(60_000), 'a=b&'.repeat(15_000), '?'.repeat(60_000)]
  for (const text of hostile) {
    for (const body of [text, { text, list: Array.from({ length: 30 }, () => text.slice(0, 2000)) }, { code: text.slice(0, 100), text }]) {
      const began = process.cpuUsage()
      maskJson(body)
      const { user, system } = process.cpuUsage(began)
      t.ok(user + system < 400_000, `${text.slice(0, 10)}: ${user + system} µs`)
    }
  }
})
