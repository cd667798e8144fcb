import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readConfig, SettingsWrong } from '../../src/config/config.ts'
import { PROFILE_ENTRIES } from '../../src/config/profile-shape.ts'
import { DEFAULT_PROFILES } from '../../src/config/profiles-file.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Profile } from '../../src/domain/verification.ts'
import { temporaryFolder } from '../support/folder.ts'
import { hex, PRODUCTION, TWILIO, TWILIO_ALONE } from './environments.ts'

const VERIFY: Environment = { TWILIO_VERIFY_SID: `VA${hex('b')}` }

const file = (t: Test, content: unknown): { folder: string, settings: Environment } => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'profiles.json'), typeof content === 'string' ? content : JSON.stringify(content))
  return { folder, settings: { VERIFICATION_PROFILES_FILE: 'profiles.json' } }
}

const profilesIn = (t: Test, content: unknown, environment: Environment = PRODUCTION): Profile[] => {
  const { folder, settings } = file(t, content)
  return [...readConfig({ ...environment, ...settings }, folder).verification.profiles.values()]
}

const problemsIn = (t: Test, content: unknown, environment: Environment = PRODUCTION): string[] => {
  const { folder, settings } = file(t, content)
  return problemsOf({ ...environment, ...settings }, folder)
}

const problemsOf = (environment: Environment, folder: string): string[] => {
  try {
    readConfig(environment, folder)
    return []
  } catch (error) {
    if (!(error instanceof SettingsWrong)) throw error
    return error.problems as string[]
  }
}

const [LOGIN, SIGNUP] = DEFAULT_PROFILES as readonly [Profile, Profile]

t.test('without a file there are two profiles, of which login is the default', async (t) => {
  for (const environment of [{}, { VERIFICATION_PROFILES_FILE: ' ' }]) {
    const { profiles } = readConfig({ ...PRODUCTION, ...environment }, '/srv').verification
    t.same([...profiles], [['login', LOGIN], ['signup', SIGNUP]])
  }
})

t.test('a file comes in place of what is there, entry by entry', async (t) => {
  const [login, signup, ...others] = profilesIn(t, { signup: { ttlSeconds: 120 }, login: { codeLength: 8, cooldownSeconds: 45 } })
  t.same(login, { ...LOGIN, codeLength: 8, cooldown: 45_000 })
  t.same(signup, { ...SIGNUP, lifetime: 120_000 })
  t.same(others, [])
})

t.test('a profile of another name is as login where it says nothing', async (t) => {
  const whole = { purpose: 'payment', channels: ['whatsapp', 'sms'], codeLength: 10, ttlSeconds: 3600, maxAttempts: 1, cooldownSeconds: 600, maxSends: 10, codeMaker: 'gateway' }
  t.same(profilesIn(t, { empty: {}, 'pay-2': whole }), [
    LOGIN, SIGNUP, { ...LOGIN, name: 'empty' },
    { name: 'pay-2', purpose: 'payment', channels: ['whatsapp', 'sms'], codeLength: 10, lifetime: 3_600_000, maxAttempts: 1, cooldown: 600_000, maxSends: 10, codeMaker: 'gateway' }
  ])
})

t.test('the first profile is the default one: login, unless the file says so of another', async (t) => {
  t.equal(profilesIn(t, { checkout: {}, login: { maxSends: 2 } })[0]?.name, 'login')
  t.same(profilesIn(t, { checkout: { default: true } }).map(({ name }) => name), ['checkout', 'login', 'signup'])
  t.equal(profilesIn(t, { checkout: { default: false }, signup: { default: true } })[0]?.name, 'signup')
  t.equal(profilesIn(t, { login: { default: true }, checkout: {} })[0]?.name, 'login')
  t.same(problemsIn(t, { login: { default: true }, checkout: {}, signup: { default: true } }),
    ['VERIFICATION_PROFILES_FILE: default must be true in one profile only, and is in login, signup.'])
})

t.test('each entry has its bounds, and is told of without its value', async (t) => {
  const cases: ReadonlyArray<[entry: string, right: readonly unknown[], wrong: readonly unknown[], says: string]> = [
    ['default', [true, false], ['true', 1, null], 'true or false'],
    ['purpose', ['login', 'a-2', 'p'.repeat(32)], ['', 'Log in', 'p'.repeat(33), 7, null], '1 to 32 small letters, digits and hyphens'],
    ['channels', [['sms'], ['voice', 'sms', 'whatsapp']], [[], ['email'], ['sms', 'sms'], 'sms', {}, null], 'a list of sms, voice, whatsapp, of which none comes twice'],
    ['codeLength', [4, 10], [3, 11, 4.5, '6', null], 'a whole number from 4 to 10'],
    ['ttlSeconds', [30, 3600], [29, 3601, 60.5, '300'], 'a whole number from 30 to 3600'],
    ['maxAttempts', [1, 10], [0, 11, -1, true], 'a whole number from 1 to 10'],
    ['cooldownSeconds', [5, 600], [4, 601], 'a whole number from 5 to 600'],
    ['maxSends', [1, 10], [0, 11], 'a whole number from 1 to 10'],
    ['codeMaker', ['gateway'], ['twilio', 'Gateway', null], 'one of gateway, twilio-verify']
  ]
  t.same(cases.map(([entry]) => entry), PROFILE_ENTRIES)
  for (const [entry, right, wrong, says] of cases) {
    for (const given of right) t.same(problemsIn(t, { mine: { [entry]: given } }), [], `${entry} ${JSON.stringify(given)}`)
    for (const given of wrong) t.same(problemsIn(t, { mine: { [entry]: given } }), [`VERIFICATION_PROFILES_FILE: mine: ${entry} must be ${says}.`], `${entry} ${JSON.stringify(given)}`)
  }
})

t.test('what is misspelt is told of, and what may be a secret is not repeated', async (t) => {
  const known = `there are ${PROFILE_ENTRIES.join(', ')}.`
  t.same(problemsIn(t, '{ "login": { "codelength": 6, "a name: s3cret": 1, "__proto__": 2, "constructor": 3, "toString": 4 }, "Log In": {}, "__proto__": {}, "long-names-are-no-names-of-profiles": {} }'), [
    `VERIFICATION_PROFILES_FILE: login: codelength is no entry: ${known}`,
    `VERIFICATION_PROFILES_FILE: login: ? is no entry: ${known}`,
    `VERIFICATION_PROFILES_FILE: login: __proto__ is no entry: ${known}`,
    `VERIFICATION_PROFILES_FILE: login: constructor is no entry: ${known}`,
    `VERIFICATION_PROFILES_FILE: login: toString is no entry: ${known}`,
    'VERIFICATION_PROFILES_FILE: the name of profile 2 must be 1 to 32 small letters, digits and hyphens.',
    'VERIFICATION_PROFILES_FILE: the name of profile 3 must be 1 to 32 small letters, digits and hyphens.',
    'VERIFICATION_PROFILES_FILE: the name of profile 4 must be 1 to 32 small letters, digits and hyphens.'
  ])
})

t.test('a profile is an object, and so is the file', async (t) => {
  for (const given of [null, [], 'login', 5]) {
    t.same(problemsIn(t, { login: given }), ['VERIFICATION_PROFILES_FILE: login: must be an object.'])
    t.same(problemsIn(t, JSON.stringify(given)), ['VERIFICATION_PROFILES_FILE must be JSON: an object that has the profiles by name.'])
  }
})

t.test('a mistake in the JSON is told by its line, and not with what stands there', async (t) => {
  t.same(problemsIn(t, '{\n  "login": { "codeLength": 6 },\n  s3cret\n}'),
    ['VERIFICATION_PROFILES_FILE must be JSON: an object that has the profiles by name. What stands in line 3 is not expected there.'])
  t.same(problemsIn(t, ''), ['VERIFICATION_PROFILES_FILE must be JSON: an object that has the profiles by name. What stands in line 1 is not expected there.'])
  t.equal(profilesIn(t, '\uFEFF{ "login": { "codeLength": 7 } }')[0]?.codeLength, 7, 'the mark of some editors is none')
})

t.test('a file that cannot be read, or is too large, stops the start', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'inner'))
  for (const path of ['nothing-here.json', '.', 'inner', 'nothing/here.json']) {
    t.same(problemsOf({ ...PRODUCTION, VERIFICATION_PROFILES_FILE: path }, folder), ['VERIFICATION_PROFILES_FILE must name a file that can be read.'], path)
  }
  t.same(problemsIn(t, `{}${' '.repeat(64 * 1024 - 2)}`), [])
  t.same(problemsIn(t, `{}${' '.repeat(64 * 1024 - 1)}`), ['VERIFICATION_PROFILES_FILE must have at most 64 KiB.'])
})

t.test('a relative path begins at the folder, an absolute one does not', async (t) => {
  const { folder } = file(t, { login: { codeLength: 9 } })
  const lengthBy = (path: string, base: string): number | undefined =>
    readConfig({ ...PRODUCTION, VERIFICATION_PROFILES_FILE: path }, base).verification.profiles.get('login')?.codeLength
  t.equal(lengthBy('profiles.json', folder), 9)
  t.equal(lengthBy(join(folder, 'profiles.json'), '/srv'), 9)
})

t.test('all that is wrong is told at once, along with all other problems', async (t) => {
  const problems = problemsIn(t, { login: { codeLength: 1, maxSends: 0 }, signup: 7 }, { ...PRODUCTION, PORT: 'a-value' })
  t.match(problems.join('\n'), /^PORT must be .*$/m)
  t.same(problems.filter((problem) => problem.startsWith('VERIFICATION_PROFILES_FILE')), [
    'VERIFICATION_PROFILES_FILE: login: codeLength must be a whole number from 4 to 10.',
    'VERIFICATION_PROFILES_FILE: login: maxSends must be a whole number from 1 to 10.',
    'VERIFICATION_PROFILES_FILE: signup: must be an object.'
  ])
})

t.test('Twilio makes the codes of a profile only where its Verify service is configured, and as long and as often as it does', async (t) => {
  const byTwilio = { login: { codeMaker: 'twilio-verify' } }
  t.match(profilesIn(t, byTwilio, { ...TWILIO_ALONE, ...VERIFY }), [{ name: 'login', codeMaker: 'twilio-verify', lifetime: 300_000 }, { codeMaker: 'gateway' }])
  t.match(profilesIn(t, byTwilio, { ...TWILIO_ALONE, VERIFY_SID: VERIFY.TWILIO_VERIFY_SID }), [{ codeMaker: 'twilio-verify' }], 'under another name of the setting too')
  t.same(problemsIn(t, byTwilio, TWILIO_ALONE), ['VERIFICATION_PROFILES_FILE: login: codeMaker twilio-verify needs TWILIO_VERIFY_SID.'])
  t.same(problemsIn(t, byTwilio, PRODUCTION), ['VERIFICATION_PROFILES_FILE: login: codeMaker twilio-verify needs TWILIO_ACCOUNT_SID and TWILIO_VERIFY_SID.'])
  const living = (ttlSeconds: number) => problemsIn(t, { login: { codeMaker: 'twilio-verify', ttlSeconds } }, { ...PRODUCTION, ...TWILIO, ...VERIFY })
  t.same(living(600), [])
  t.same(living(601), ['VERIFICATION_PROFILES_FILE: login: ttlSeconds must be at most 600 with codeMaker twilio-verify.'])
  t.same(living(4000), ['VERIFICATION_PROFILES_FILE: login: ttlSeconds must be a whole number from 30 to 3600.'], 'what is wrong anyway is told once')
  const often = (maxAttempts: number, maxSends: number) => problemsIn(t, { login: { codeMaker: 'twilio-verify', maxAttempts, maxSends } }, { ...PRODUCTION, ...TWILIO, ...VERIFY })
  t.same(often(5, 5), [])
  t.same(often(6, 5), ['VERIFICATION_PROFILES_FILE: login: maxAttempts must be at most 5 with codeMaker twilio-verify.'])
  t.same(often(5, 6), ['VERIFICATION_PROFILES_FILE: login: maxSends must be at most 5 with codeMaker twilio-verify.'])
  for (const profile of DEFAULT_PROFILES) t.ok(profile.maxAttempts <= 5 && profile.maxSends <= 5, `${profile.name} may be of Twilio as it is`)
})

t.test('in front of the sandbox, which is Twilio too, nothing is missing', async (t) => {
  t.match(profilesIn(t, { login: { codeMaker: 'twilio-verify' } }, { SECRET_HEADER: 's', GATEWAY_KEYS: PRODUCTION.GATEWAY_KEYS }), [{ codeMaker: 'twilio-verify' }])
})

t.test('pages of others may be led back to, once it is said by which address people reach the gateway', async (t) => {
  const warningsOf = (environment: Environment): string[] => readConfig(environment, '/srv').warnings.filter((warning) => warning.includes('Sessions'))
  const origins = { VERIFY_ORIGINS: 'https://app.example.com' }
  t.same(warningsOf({ ...PRODUCTION, ...origins }),
    ['Sessions of the page for codes are given the address by which the app calls the gateway: set PUBLIC_URL to the one by which people reach it.'])
  t.same(warningsOf({ ...PRODUCTION, ...origins, PUBLIC_URL: 'https://codes.example.com' }), [])
  t.same(warningsOf(PRODUCTION), [])
  t.same(warningsOf({ SECRET_HEADER: 's', GATEWAY_KEYS: PRODUCTION.GATEWAY_KEYS, ...origins }), [], 'nor in development')
})
