import { createHmac, randomUUID } from 'node:crypto'
import type { Config } from '../../../config/config.ts'
import type { GenericHook } from '../../../dialects/generic/hooks-file.ts'
import { bodyWith, type PlacedValue } from './generic-body.ts'
import { secretFor, unconfigured, wordsWith, type Rehearsal, type TestMessage, type TestReply, type Unplayed } from './rehearsal.ts'

/** The hooks of the hooks file, each by every channel that its requests can name. */
export const genericRehearsals = ({ hooks: { settings: { generic } } }: Config, callerSecret: string | undefined): ReadonlyArray<Rehearsal | Unplayed> => {
  if (generic.length === 0) return [unconfigured('generic', 'HOOKS_FILE')]
  return generic.flatMap((hook) => rehearsalsOf(hook, callerSecret))
}

const rehearsalsOf = (hook: GenericHook, callerSecret: string | undefined): ReadonlyArray<Rehearsal | Unplayed> => {
  const name = `generic/${hook.name}`
  const secret = hook.authentication.secrets?.[0]?.reveal() ?? callerSecret
  if (secret === undefined) return [{ hook: name, why: 'not played: it is opened by SECRET_HEADER, which is not set.' }]
  if (hook.fields.code.length === 0 && hook.codePattern?.test(wordsWith('482913')) === false) {
    return [{ hook: name, why: 'not played: its codePattern finds codes in words of its own only.' }]
  }
  return channelsOf(hook).map(({ channel, value }) => ({
    hook: name,
    what: channel === 'voice' ? 'a spoken code' : 'a text',
    channel,
    settings: `the hook ${hook.name} in HOOKS_FILE`,
    request (message, credential) {
      const body = bodyWith(hook, valuesOf(hook, message, value))
      const type = hook.formats.includes('json') ? 'application/json' : 'application/x-www-form-urlencoded'
      return {
        path: `/hooks/${name}`,
        headers: { 'content-type': type, ...credentialOf(hook, body, secretFor(secret, credential), message.now) },
        body
      }
    },
    isSuccess: (reply) => isSuccess(hook, reply)
  }))
}

/** The first value that stands for each way to send; where requests name none, texts go as those of the hook do. */
const channelsOf = ({ fields, channels }: GenericHook): ReadonlyArray<{ readonly channel: Rehearsal['channel'], readonly value: string | undefined }> => {
  if (fields.channel.length === 0) return [{ channel: 'text', value: undefined }]
  return [...new Set(channels.values())].map((channel) => ({ channel, value: [...channels].find(([, meaning]) => meaning === channel)?.[0] }))
}

const valuesOf = ({ fields, numbers }: GenericHook, { to, code }: TestMessage, channel: string | undefined): readonly PlacedValue[] => {
  // Who always knows the country leaves the `+` out.
  const number = numbers === 'international' ? to.slice(1) : to
  const values = { number, code, text: wordsWith(code), locale: 'en-US', channel, key: randomUUID(), ip: '203.0.113.7', user: 'doctor' }
  return Object.entries(values).flatMap(([name, value]) => {
    const [path] = fields[name as keyof typeof values]
    return path === undefined || value === undefined ? [] : [{ path, value }]
  })
}

const credentialOf = ({ authentication }: GenericHook, body: string, secret: string, now: number): Readonly<Record<string, string>> => {
  switch (authentication.type) {
    case 'secret': return { [authentication.header]: authentication.header === 'authorization' ? `Bearer ${secret}` : secret }
    case 'basic': return { authorization: `Basic ${Buffer.from(`${authentication.username ?? 'doctor'}:${secret}`).toString('base64')}` }
    case 'hmac': {
      const { header, prefix, algorithm, encoding } = authentication
      return { [header]: `${prefix}${createHmac(algorithm, secret).update(body).digest(encoding)}` }
    }
    case 'timestamped': {
      const { header, version, algorithm, encoding } = authentication
      const time = Math.floor(now / 1000)
      return { [header]: `t=${time},${version}=${createHmac(algorithm, secret).update(`${time}.${body}`).digest(encoding)}` }
    }
  }
}

/** The status of what was accepted, and not the body of what is refused, where both have that status. */
const isSuccess = ({ replies: { accepted, unauthorized } }: GenericHook, { status, body }: TestReply): boolean => {
  const refused = unauthorized?.body
  return status === (accepted?.status ?? 200) && body !== (typeof refused === 'string' ? refused : JSON.stringify(refused))
}
