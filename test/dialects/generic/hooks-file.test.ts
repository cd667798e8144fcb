import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import t from 'tap'
import { readHooks, type GenericHook } from '../../../src/dialects/generic/hooks-file.ts'
import { PRESET_NAMES } from '../../../src/dialects/generic/presets.ts'

const FIELDS = { number: 'to', code: 'code' }

const read = (file: unknown, environment: Record<string, string> = {}): ReturnType<typeof readHooks> => readHooks(JSON.stringify(file), environment)

/** The problems of one hook, without what they begin with. */
const problemsOf = (hook: unknown, environment: Record<string, string> = {}): string[] =>
  read({ mine: hook }, environment).problems.map((problem) => problem.replace('HOOKS_FILE: mine: ', ''))

const hookOf = (hook: object, environment: Record<string, string> = {}): GenericHook => {
  const { hooks: [first], problems } = read({ mine: hook }, environment)
  if (first === undefined) throw new Error(problems.join('\n'))
  return first
}

t.test('a hook of its own has everything that the file says', async (t) => {
  const hook = hookOf({
    authentication: { type: 'hmac', header: 'X-Signature', algorithm: 'sha512', encoding: 'base64', prefix: 'sha512=', secrets: ['$ONE', 'a-literal-secret'] },
    format: 'form',
    fields: { number: 'to', code: ['a.b', 'c'], text: 'message', locale: 'locale', channel: 'method', key: 'id', ip: 'request.ip', user: ['user.id', 'user.name'] },
    numbers: 'international',
    codePattern: 'code is ([0-9]+)',
    channels: { PHONE: 'voice', Sms: 'sms' },
    replies: { accepted: { status: 202, body: 'ok' }, failed: { body: {} }, invalid: {} },
    budgetMs: 3000
  }, { ONE: ' first , second,, ' })
  const { authentication, channels, ...others } = hook
  t.match(authentication, { type: 'hmac', header: 'x-signature', algorithm: 'sha512', encoding: 'base64', prefix: 'sha512=' })
  t.same('secrets' in authentication && authentication.secrets?.map((secret) => secret.reveal()), ['first', 'second', 'a-literal-secret'])
  t.same(Object.fromEntries(channels), { text: 'text', sms: 'sms', voice: 'voice', call: 'voice', whatsapp: 'whatsapp', phone: 'voice' })
  t.same(others, {
    name: 'mine',
    formats: ['form'],
    fields: { number: ['to'], code: ['a.b', 'c'], text: ['message'], locale: ['locale'], channel: ['method'], key: ['id'], ip: ['request.ip'], user: ['user.id', 'user.name'] },
    numbers: 'international',
    codePattern: /code is ([0-9]+)/,
    replies: { accepted: { status: 202, body: 'ok' }, failed: { body: {} }, invalid: {} },
    budgetMs: 3000
  })
})

t.test('a hook that says little has what is usual', async (t) => {
  t.match(hookOf({ fields: FIELDS }), {
    authentication: { type: 'secret', header: 'authorization', secrets: undefined },
    formats: ['json', 'form'],
    fields: { number: ['to'], code: ['code'], text: [], locale: [], channel: [], key: [], ip: [], user: [] },
    numbers: 'careful',
    codePattern: undefined,
    replies: {},
    budgetMs: 8000
  })
  t.match(hookOf({ fields: FIELDS, authentication: { type: 'basic' } }).authentication, { type: 'basic', username: undefined, secrets: undefined })
  t.match(hookOf({ fields: FIELDS, authentication: { type: 'timestamped', header: 'X-S', secrets: ['one'] } }).authentication,
    { type: 'timestamped', header: 'x-s', version: 'v1', algorithm: 'sha256', encoding: 'hex', toleranceMs: 300_000 })
  t.match(hookOf({ fields: FIELDS, authentication: { type: 'hmac', header: 'X-S', secrets: ['one'] } }).authentication,
    { type: 'hmac', prefix: '', algorithm: 'sha256', encoding: 'hex' })
})

t.test('what a hook says itself comes before its preset, entry by entry', async (t) => {
  const hook = hookOf({
    preset: 'authgear',
    authentication: { secrets: ['of-authgear'] },
    fields: { number: ['phone', 'to'], text: null },
    replies: { failed: { status: 503 }, number: { body: 'no' } },
    numbers: 'strict',
    budgetMs: 1000
  })
  t.match(hook, {
    authentication: { type: 'hmac', header: 'x-authgear-body-signature' },
    fields: { number: ['phone', 'to'], code: ['template_variables.code'], text: [], locale: ['language_tag'] },
    replies: { failed: { status: 503, body: { code: 'unknown_error' } }, number: { status: 400, body: 'no' }, invalid: { status: 400, body: { code: 'invalid_request' } } },
    numbers: 'strict',
    budgetMs: 1000
  })
  t.match(hookOf({ preset: 'authgear', authentication: { type: 'secret' } }).authentication, { type: 'secret', header: 'authorization', secrets: undefined }, 'another type takes nothing over')
  t.match(hookOf({ preset: 'authgear', authentication: { type: 'hmac', encoding: 'base64', secrets: ['x'] } }).authentication,
    { type: 'hmac', header: 'x-authgear-body-signature', encoding: 'base64' }, 'the same type takes the rest over')
})

t.test('white space around a secret is no part of it', async (t) => {
  const { authentication } = hookOf({ fields: FIELDS, authentication: { secrets: ['copied with its end \n', '$MINE'] } }, { MINE: ' mine\n' })
  t.same('secrets' in authentication && authentication.secrets?.map((secret) => secret.reveal()), ['copied with its end', 'mine'])
})

t.test('secrets print masked, wherever they come from', async (t) => {
  const hook = hookOf({ fields: FIELDS, authentication: { secrets: ['$MINE', 'the-literal-one'] } }, { MINE: 'the-one-of-the-environment' })
  for (const printed of [JSON.stringify(hook), inspect(hook, { depth: 9 }), String(hook.authentication)]) t.notMatch(printed, /the-literal|the-one/)
})

t.test('a file that is no object of hooks says so', async (t) => {
  for (const text of ['null', '[]', '"hooks"', '7']) {
    t.same(readHooks(text, {}), { hooks: [], problems: ['HOOKS_FILE must be JSON: an object that has the hooks by name.'] }, text)
  }
  t.same(readHooks(`{}${' '.repeat(64 * 1024)}`, {}).problems, ['HOOKS_FILE must have at most 64 KiB.'])
  t.same(readHooks(`{}${' '.repeat(64 * 1024 - 2)}`, {}), { hooks: [], problems: [] }, 'and not one byte less')
  t.equal(readHooks(`\uFEFF${JSON.stringify({ mine: { fields: FIELDS } })}`, {}).hooks.length, 1, 'a mark before the text is let go')
})

t.test('a file that is no JSON says in which line, and nothing of what stands there', async (t) => {
  for (const [text, line] of [['', 1], ['{', 1], ['{"a":1,}', 1], ['{\n  "mine": { "secrets": ["a-value"] },\n}', 3], ['\uFEFF{\n  a-value\n}', 2]] as const) {
    t.same(readHooks(text, {}), {
      hooks: [], problems: [`HOOKS_FILE must be JSON: an object that has the hooks by name. What stands in line ${line} is not expected there.`]
    }, text)
  }
})

t.test('a name is told by its place, as it may be anything', async (t) => {
  for (const name of ['', 'My-Idp', 'a/b', 'a b', 'ä', 'x'.repeat(41), '__proto__', 'constructor.x']) {
    const text = `{"good":${JSON.stringify({ fields: FIELDS })},${JSON.stringify(name)}:${JSON.stringify({ fields: FIELDS })}}`
    t.same(readHooks(text, {}).problems, ['HOOKS_FILE: the name of hook 2 must be 1 to 40 small letters, digits and hyphens.'], name)
  }
  t.equal(read({ ['x'.repeat(40)]: { fields: FIELDS }, constructor: { fields: FIELDS } }).hooks.length, 2)
})

t.test('each entry says what it must be', async (t) => {
  const PATH = 'must be names of fields joined by dots, as data.to, at most eight of them, or a list of up to eight of such paths, or null.'
  const SECRETS = 'authentication.secrets must be a list of 1 to 10 secrets, each a text, or $ and the name of an environment variable in capital letters.'
  const cases: Array<[unknown, ...string[]]> = [
    [7, 'must be an object.'],
    [[], 'must be an object.'],
    [null, 'must be an object.'],
    [{ fields: [] }, 'fields must be an object.'],
    [{ feilds: FIELDS, fields: FIELDS }, 'feilds is no entry: there are preset, authentication, format, fields, numbers, codePattern, channels, replies, budgetMs.'],
    [{ fields: { ...FIELDS, telephone: 'x' } }, 'fields.telephone is no entry: there are number, code, text, locale, channel, key, ip, user.'],
    [{ fields: FIELDS, 'a secret, by mistake': 1 }, '? is no entry: there are preset, authentication, format, fields, numbers, codePattern, channels, replies, budgetMs.'],
    [JSON.parse('{"fields":{"number":"to","code":"code","__proto__":"x"}}'), 'fields.__proto__ is no entry: there are number, code, text, locale, channel, key, ip, user.'],
    [{ preset: 'auth9' }, `preset must be one of ${PRESET_NAMES.join(', ')}.`],
    [{ preset: 'constructor' }, `preset must be one of ${PRESET_NAMES.join(', ')}.`],
    [{ preset: 7 }, `preset must be one of ${PRESET_NAMES.join(', ')}.`],
    [{ fields: { number: 7, code: 'code' } }, `fields.number ${PATH}`],
    [{ fields: { number: '', code: 'code' } }, `fields.number ${PATH}`],
    [{ fields: { number: 'a..b', code: 'code' } }, `fields.number ${PATH}`],
    [{ fields: { number: 'to', code: 'a.b.c.d.e.f.g.h.i' } }, `fields.code ${PATH}`],
    [{ fields: { number: 'to', code: [] } }, `fields.code ${PATH}`],
    [{ fields: { number: 'to', code: Array(9).fill('x') } }, `fields.code ${PATH}`],
    [{ fields: { number: 'to', code: ['x', null] } }, `fields.code ${PATH}`],
    [{ fields: FIELDS, format: 'xml' }, 'format must be one of json, form.'],
    [{ fields: FIELDS, numbers: 'loose' }, 'numbers must be one of strict, international, careful.'],
    [{ fields: FIELDS, codePattern: '(' }, 'codePattern must be a regular expression of at most 200 characters.'],
    [{ fields: FIELDS, codePattern: '' }, 'codePattern must be a regular expression of at most 200 characters.'],
    [{ fields: FIELDS, codePattern: 'x'.repeat(201) }, 'codePattern must be a regular expression of at most 200 characters.'],
    [{ fields: FIELDS, codePattern: 7 }, 'codePattern must be a regular expression of at most 200 characters.'],
    [{ fields: FIELDS, codePattern: '(\\d+)*x' }, 'codePattern must be plainer: there are texts on which it takes too long, as with repetitions within repetitions.'],
    [{ fields: { number: 'to' }, codePattern: 'code is (\\w+\\s?)+$' }, 'fields.code or fields.text must say where the code is, or the text.', 'codePattern must be plainer: there are texts on which it takes too long, as with repetitions within repetitions.'],
    [{ fields: FIELDS, channels: { SMS: 'pigeon' } }, 'channels must be an object of up to 50 values that the field may have, each with one of text, sms, voice, whatsapp.'],
    [{ fields: FIELDS, channels: ['sms'] }, 'channels must be an object of up to 50 values that the field may have, each with one of text, sms, voice, whatsapp.'],
    [{ fields: FIELDS, channels: Object.fromEntries(Array.from({ length: 51 }, (_, place) => [`c${place}`, 'sms'])) }, 'channels must be an object of up to 50 values that the field may have, each with one of text, sms, voice, whatsapp.'],
    [{ fields: FIELDS, replies: { done: {} } }, 'replies.done is no entry: there are accepted, undecided, unauthorized, invalid, number, refused, limited, failed, unavailable.'],
    [{ fields: FIELDS, replies: { accepted: 200 } }, 'replies.accepted must be an object.'],
    [{ fields: FIELDS, replies: { accepted: { status: 199 } } }, 'replies.accepted.status must be a whole number from 200 to 599.'],
    [{ fields: FIELDS, replies: { accepted: { status: 600 } } }, 'replies.accepted.status must be a whole number from 200 to 599.'],
    [{ fields: FIELDS, replies: { accepted: { status: '200' } } }, 'replies.accepted.status must be a whole number from 200 to 599.'],
    [{ fields: FIELDS, replies: { accepted: { body: 7 } } }, 'replies.accepted.body must be an object, or a text of at most 4096 characters.'],
    [{ fields: FIELDS, replies: { accepted: { body: null } } }, 'replies.accepted.body must be an object, or a text of at most 4096 characters.'],
    [{ fields: FIELDS, replies: { accepted: { headers: {} } } }, 'replies.accepted.headers is no entry: there are status, body.'],
    [{ fields: FIELDS, budgetMs: 499 }, 'budgetMs must be a whole number from 500 to 60000.'],
    [{ fields: FIELDS, budgetMs: 60_001 }, 'budgetMs must be a whole number from 500 to 60000.'],
    [{ fields: FIELDS, authentication: 'secret' }, 'authentication must be an object.'],
    [{ fields: FIELDS, authentication: { type: 'oauth', encoding: 'hex' } }, 'authentication.type must be one of secret, basic, hmac, timestamped.'],
    [{ fields: FIELDS, authentication: { encoding: 'hex' } }, 'authentication.encoding is no entry: there are type, header, secrets.'],
    [{ fields: FIELDS, authentication: { type: 'basic', header: 'X' } }, 'authentication.header is no entry: there are type, username, secrets.'],
    [{ fields: FIELDS, authentication: { type: 'basic', username: 'a:b' } }, 'authentication.username must be a text without a colon.'],
    [{ fields: FIELDS, authentication: { header: 'X Key' } }, 'authentication.header must be the name of a header.'],
    [{ fields: FIELDS, authentication: { secrets: [] } }, SECRETS],
    [{ fields: FIELDS, authentication: { secrets: 'one' } }, SECRETS],
    [{ fields: FIELDS, authentication: { secrets: [''] } }, SECRETS],
    [{ fields: FIELDS, authentication: { secrets: [' '] } }, SECRETS],
    [{ fields: FIELDS, authentication: { secrets: ['$'] } }, SECRETS],
    [{ fields: FIELDS, authentication: { secrets: ['$lower-case'] } }, SECRETS],
    [{ fields: FIELDS, authentication: { secrets: [7] } }, SECRETS],
    [{ fields: FIELDS, authentication: { secrets: ['$NOWHERE'] } }, 'authentication.secrets needs the environment variable NOWHERE, which is not set.'],
    [{ fields: FIELDS, authentication: { secrets: ['$BLANK', 'another'] } }, 'authentication.secrets needs the environment variable BLANK, which is not set.'],
    [{ fields: FIELDS, authentication: { type: 'hmac', algorithm: 'md5', encoding: 'utf8', prefix: 'x'.repeat(33) } },
      'authentication.algorithm must be one of sha256, sha512.', 'authentication.encoding must be one of hex, base64.', 'authentication.prefix must be a text of at most 32 characters.',
      'authentication.header must name the header of the signature.', 'authentication.secrets must be given: what is signed is signed with a secret of its own.'],
    [{ fields: FIELDS, authentication: { type: 'hmac' } },
      'authentication.header must name the header of the signature.', 'authentication.secrets must be given: what is signed is signed with a secret of its own.'],
    [{ fields: FIELDS, authentication: { type: 'timestamped', header: 'X-S', secrets: ['one'], version: 'V 1', toleranceSeconds: 9 } },
      'authentication.version must be the name of the signature in the header, as v1.', 'authentication.toleranceSeconds must be a whole number from 10 to 3600.'],
    [{ preset: 'authgear' }, 'authentication.secrets must be given: what is signed is signed with a secret of its own.'],
    [{}, 'fields.number must say where the phone number is.', 'fields.code or fields.text must say where the code is, or the text.'],
    [{ fields: { code: 'code' } }, 'fields.number must say where the phone number is.'],
    [{ fields: { number: 'to', locale: 'locale' } }, 'fields.code or fields.text must say where the code is, or the text.'],
    [{ preset: 'keycloak', fields: { number: null, text: null } }, 'fields.number must say where the phone number is.', 'fields.code or fields.text must say where the code is, or the text.']
  ]
  for (const [hook, ...expected] of cases) t.same(problemsOf(hook, { BLANK: ' , ' }), expected, JSON.stringify(hook).slice(0, 90))
})

t.test('a body of a reply may be a list no more than a number', async (t) => {
  t.same(problemsOf({ fields: FIELDS, replies: { accepted: { body: [] } } }), ['replies.accepted.body must be an object, or a text of at most 4096 characters.'])
})

t.test('in production a secret that can be guessed is a problem', async (t) => {
  const short = { fields: FIELDS, authentication: { secrets: ['$MINE', 'a-literal-of-enough-characters'] } }
  t.same(problemsOf(short, { NODE_ENV: 'production', MINE: 'fifteen-letters' }), ['authentication.secrets must have at least 16 characters each in production.'])
  t.same(problemsOf(short, { NODE_ENV: 'production', MINE: 'sixteen-letters!' }), [])
  t.same(problemsOf(short, { NODE_ENV: 'development', MINE: 'short' }), [])
})

t.test('everything that is wrong is told at once, with the hook, and never with a value', async (t) => {
  const { hooks, problems } = read({
    one: { fields: { number: 'a-value..x' }, numbers: 'a-value', budgetMs: 'a-value' },
    two: { fields: FIELDS },
    three: { fields: FIELDS, authentication: { secrets: ['$GONE', 'a-value'] } },
    'a-value!': {}
  }, { NODE_ENV: 'production' })
  t.same(hooks.map(({ name }) => name), ['two'])
  t.same(problems.map((problem) => problem.split(': ').slice(0, 2).join(': ')), [
    'HOOKS_FILE: one', 'HOOKS_FILE: one', 'HOOKS_FILE: one', 'HOOKS_FILE: one', 'HOOKS_FILE: three', 'HOOKS_FILE: three',
    'HOOKS_FILE: the name of hook 4 must be 1 to 40 small letters, digits and hyphens.'
  ])
  t.notMatch(problems.join('\n'), /a-value/)
  for (const problem of problems) t.notMatch(problem, /\n/)
})

t.test('a wrong entry does not hide what else is wrong with the hook', async (t) => {
  const NOPE = 'authentication.secrets needs the environment variable NOPE, which is not set.'
  const NO_NUMBER = 'fields.number must say where the phone number is.'
  const NO_CONTENT = 'fields.code or fields.text must say where the code is, or the text.'
  const cases: Array<[unknown, ...string[]]> = [
    [{ fields: { telephone: 'x' }, authentication: { secrets: ['$NOPE'] } }, 'fields.telephone is no entry', NOPE],
    [{ fields: { ...FIELDS, telephone: 'x' }, authentication: { secrets: ['$NOPE'] }, codePattern: '(a+)+b' }, 'fields.telephone is no entry', NOPE, 'codePattern must be plainer'],
    [{ budget: 1, fields: FIELDS, authentication: { secrets: ['$NOPE'] } }, 'budget is no entry', NOPE],
    [{ preset: 'auth9', authentication: { secrets: ['$NOPE'] } }, 'preset must be one of', NOPE],
    [{ fields: FIELDS, authentication: { type: 'oauth', secrets: ['$NOPE'] } }, 'authentication.type must be one of', NOPE],
    [{ fields: FIELDS, authentication: { encoding: 'hex', secrets: ['$NOPE'] } }, 'authentication.encoding is no entry', NOPE],
    [{ fields: FIELDS, numbers: 'loose', authentication: { type: 'hmac' } }, 'numbers must be one of', 'authentication.header must name', 'authentication.secrets must be given'],
    [{ fields: FIELDS, authentication: { type: 'hmac', secrets: 'one' } }, 'authentication.secrets must be a list', 'authentication.header must name'],
    [{ fields: FIELDS, authentication: { type: 'hmac', heeder: 'X-S' } }, 'authentication.heeder is no entry'],
    [{ numbers: 'loose' }, 'numbers must be one of', NO_NUMBER, NO_CONTENT],
    [{ fields: { number: 7 } }, 'fields.number must be names of fields', NO_CONTENT],
    [{ fields: { text: '' } }, 'fields.text must be names of fields', NO_NUMBER],
    [{ fields: 'to', authentication: 7 }, 'authentication must be an object.', 'fields must be an object.']
  ]
  for (const [hook, ...expected] of cases) {
    const told = problemsOf(hook).sort()
    t.equal(told.length, expected.length, `${JSON.stringify(hook)}: ${told.join(' ')}`)
    expected.sort().forEach((beginning, place) => { t.ok(told[place]?.startsWith(beginning), beginning) })
  }
})

t.test('the example has every preset and no problem', async (t) => {
  const text = readFileSync(fileURLToPath(new URL('../../../docs/identity-providers/hooks.example.json', import.meta.url)), 'utf8')
  const names = new Set([...text.matchAll(/"\$([A-Z_]+)"/g)].map(([, name]) => name as string))
  const { hooks, problems } = readHooks(text, { NODE_ENV: 'production', ...Object.fromEntries([...names].map((name) => [name, 'a-secret-that-is-long-enough'])) })
  t.same(problems, [])
  for (const preset of PRESET_NAMES) t.match(text, `"preset": "${preset}"`, preset)
  t.equal(hooks.length, PRESET_NAMES.length + 1, 'and one of its own')
})
