import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isObject } from '../dialects/generic/hook-shape.ts'
import { parseJson } from '../dialects/generic/json-mistake.ts'
import { MOST_AT_VENDOR } from '../domain/code-maker.ts'
import type { Profile } from '../domain/verification.ts'
import { checkProfile, type WrittenProfile } from './profile-shape.ts'
import { ACCOUNTS, isAnyVendorGiven } from './provider-needs.ts'
import type { ReadSettings } from './read-settings.ts'
import type { SettingName } from './settings.ts'

export interface ReadProfiles {
  /** By name, the default first. */
  readonly profiles: ReadonlyMap<string, Profile>
  /** One line for each thing that is wrong; names, never values. */
  readonly problems: readonly string[]
}

const SECOND = 1000

const LOGIN: Profile = { name: 'login', purpose: 'login', channels: ['sms', 'voice', 'whatsapp'], codeLength: 6, lifetime: 300 * SECOND, maxAttempts: 5, cooldown: 30 * SECOND, maxSends: 4, codeMaker: 'gateway' }

/** Those that are there where no file says otherwise. */
export const DEFAULT_PROFILES: readonly Profile[] = [
  LOGIN,
  { name: 'signup', purpose: 'signup', channels: ['sms', 'voice', 'whatsapp'], codeLength: 4, lifetime: 90 * SECOND, maxAttempts: 4, cooldown: 30 * SECOND, maxSends: 3, codeMaker: 'gateway' }
]

const LARGEST_FILE = 64 * 1024

const SETTING = 'VERIFICATION_PROFILES_FILE'

/** Reads the profiles. A file adds to those that are there, or comes in their place by name. */
export const readProfiles = (file: string | undefined, folder: string, given: ReadSettings['given']): ReadProfiles => {
  if (file === undefined) return profilesOf([], 'login', [])
  const text = readText(resolve(folder, file))
  return text === undefined ? nothingBut('must name a file that can be read.') : parseProfiles(text, given)
}

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const parseProfiles = (text: string, given: ReadSettings['given']): ReadProfiles => {
  if (Buffer.byteLength(text) > LARGEST_FILE) return nothingBut(`must have at most ${LARGEST_FILE / 1024} KiB.`)
  const parsed = parseJson(text)
  if ('mistakeIn' in parsed) return nothingBut(`must be JSON: an object that has the profiles by name. What stands in line ${parsed.mistakeIn} is not expected there.`)
  if (!isObject(parsed.value)) return nothingBut('must be JSON: an object that has the profiles by name.')
  const problems: string[] = []
  const profiles: Profile[] = []
  const defaults: string[] = []
  Object.entries(parsed.value).forEach(([name, entry], place) => {
    if (!/^[a-z0-9-]{1,32}$/.test(name)) {
      problems.push(`${SETTING}: the name of profile ${place + 1} must be 1 to 32 small letters, digits and hyphens.`)
      return
    }
    const { sound, problems: wrong } = checkProfile(entry)
    problems.push(...[...wrong, ...vendorProblems(sound, given)].map((problem) => `${SETTING}: ${name}: ${problem}`))
    profiles.push(complete(name, sound))
    if (sound.default === true) defaults.push(name)
  })
  if (defaults.length > 1) problems.push(`${SETTING}: default must be true in one profile only, and is in ${defaults.join(', ')}.`)
  return profilesOf(profiles, defaults[0] ?? LOGIN.name, problems)
}

/** What is not said is as in the profile of that name that is there anyway, or else as in `login`. */
const complete = (name: string, written: WrittenProfile): Profile => {
  const base = DEFAULT_PROFILES.find((profile) => profile.name === name) ?? LOGIN
  const { purpose, channels, codeLength, ttlSeconds, maxAttempts, cooldownSeconds, maxSends, codeMaker } = written
  return {
    name,
    purpose: purpose ?? base.purpose,
    channels: channels ?? base.channels,
    codeLength: codeLength ?? base.codeLength,
    lifetime: ttlSeconds === undefined ? base.lifetime : ttlSeconds * SECOND,
    maxAttempts: maxAttempts ?? base.maxAttempts,
    cooldown: cooldownSeconds === undefined ? base.cooldown : cooldownSeconds * SECOND,
    maxSends: maxSends ?? base.maxSends,
    codeMaker: codeMaker ?? base.codeMaker
  }
}

/** Twilio keeps a verification for ten minutes. https://www.twilio.com/docs/verify/api/verification */
const MOST_AT_TWILIO = [['ttlSeconds', 600], ['maxAttempts', MOST_AT_VENDOR], ['maxSends', MOST_AT_VENDOR]] as const

/** Where no vendor is configured at all, the sandbox is one, or it is told of otherwise. */
const vendorProblems = (written: WrittenProfile, given: ReadSettings['given']): string[] => {
  if (written.codeMaker !== 'twilio-verify') return []
  const missing = isAnyVendorGiven(given) ? NEEDED_FOR_VERIFY.filter((setting) => !given.has(setting)) : []
  return [
    ...missing.length === 0 ? [] : [`codeMaker twilio-verify needs ${missing.join(' and ')}.`],
    ...MOST_AT_TWILIO
      .filter(([entry, most]) => (written[entry] ?? 0) > most)
      .map(([entry, most]) => `${entry} must be at most ${most} with codeMaker twilio-verify.`)
  ]
}

const NEEDED_FOR_VERIFY: readonly SettingName[] = [ACCOUNTS.twilio, 'TWILIO_VERIFY_SID']

const nothingBut = (problem: string): ReadProfiles => profilesOf([], LOGIN.name, [`${SETTING} ${problem}`])

const profilesOf = (own: readonly Profile[], first: string, problems: readonly string[]): ReadProfiles => {
  const all = new Map([...DEFAULT_PROFILES, ...own].map((profile) => [profile.name, profile]))
  return { profiles: new Map([[first, all.get(first) as Profile], ...all]), problems }
}
