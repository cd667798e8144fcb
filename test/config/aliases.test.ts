import t from 'tap'
import { readConfig } from '../../src/config/config.ts'
import { SETTINGS, type Setting } from '../../src/config/settings.ts'
import { hex, problemsOf, TWILIO } from './environments.ts'

const ALIASES: ReadonlyArray<[string, string]> = Object.entries(SETTINGS as Readonly<Record<string, Setting>>)
  .flatMap(([name, { aliases = [] }]) => aliases.map((alias): [string, string] => [name, alias]))

const VERIFY = `VA${hex('b')}`

t.test('the names of existing deployments are read', async (t) => {
  const { twilio, warnings } = readConfig({
    TWILIO_ACCOUNT_SID: `AC${hex('a')}`,
    TWILIO_API_KEY_SID: `SK${hex('c')}`,
    TWILIO_API_KEY_SECRET: 'the-secret-of-the-key',
    MESSAGING_SERVICE_SID: `MG${hex('d')}`,
    VERIFY_SID: VERIFY
  }, '/srv')
  t.match(twilio, { credential: { username: `SK${hex('c')}` }, messagingServiceSid: `MG${hex('d')}`, verifySid: VERIFY })
  t.equal(twilio?.credential.password.reveal(), 'the-secret-of-the-key')
  t.notOk(warnings.some((warning) => warning.includes('misspelt')), 'none is taken for a mistake')
  for (const name of ['VERIFY_SERVICE_SID', 'TWILIO_VERIFY_SERVICE_SID']) {
    t.equal(readConfig({ ...TWILIO, [name]: VERIFY }, '/srv').twilio?.verifySid, VERIFY, name)
  }
})

t.test('two names may say the same, and an empty one says nothing', async (t) => {
  for (const other of [VERIFY, ` ${VERIFY} `, '', ' ']) {
    t.equal(readConfig({ ...TWILIO, TWILIO_VERIFY_SID: VERIFY, VERIFY_SID: other }, '/srv').twilio?.verifySid, VERIFY, `"${other}"`)
    t.equal(readConfig({ ...TWILIO, VERIFY_SID: other, VERIFY_SERVICE_SID: VERIFY }, '/srv').twilio?.verifySid, VERIFY, `"${other}"`)
  }
})

t.test('two names must not differ: both are told, no value is', async (t) => {
  for (const [name, alias] of ALIASES) {
    const problems = problemsOf({ [name]: 'echoed-one', [alias]: 'echoed-two' }).filter((problem) => problem.includes(alias))
    t.same(problems.slice(0, 1), [`${name} and ${alias} are names of one setting: they must not differ.`])
    t.notMatch(problems.join(), 'echoed')
  }
  t.same(problemsOf({ ...TWILIO, VERIFY_SID: VERIFY, VERIFY_SERVICE_SID: `VA${hex('e')}` }),
    ['VERIFY_SID and VERIFY_SERVICE_SID are names of one setting: they must not differ.'], 'nor may two that are both not ours')
  t.same(problemsOf({ ...TWILIO, VERIFY_SID: VERIFY, TWILIO_VERIFY_SERVICE_SID: 'nonsense' }),
    ['VERIFY_SID and TWILIO_VERIFY_SERVICE_SID are names of one setting: they must not differ.'], 'and what differs is not told of a second time')
})

t.test('what is wrong is told by the name by which it is set', async (t) => {
  t.same(problemsOf({ ...TWILIO, VERIFY_SID: 'nonsense' }), ['VERIFY_SID must be VA and 32 hexadecimal digits.'])
  t.same(problemsOf({ VERIFY_SERVICE_SID: VERIFY, MESSAGING_SERVICE_SID: `MG${hex('d')}` }),
    ['TWILIO_ACCOUNT_SID must be set: there is MESSAGING_SERVICE_SID, VERIFY_SERVICE_SID.'], 'so that a name that is somebody else\'s can be found')
})
