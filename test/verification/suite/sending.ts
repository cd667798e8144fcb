import type { Test } from 'tap'
import { NUMBER, until, type OpenApi } from '../api-stand.ts'

const LANDLINE = '+493023125000'
const TEST_NUMBER = '+15005550006'

/** How the messages travel. */
export const sending = (t: Test, open: OpenApi): void => {
  t.test('a call says the code', async (t) => {
    const { begin, check, sandbox, settled } = await open(t)
    const { id, channel } = await begin({ channel: 'voice' })
    t.equal(channel, 'voice')
    let said = ''
    await until(() => {
      said = /(?:[0-9]\W*){6}/.exec(sandbox.calls.flatMap(({ spoken }) => spoken).join(' '))?.[0].replace(/[^0-9]/g, '') ?? ''
      return said !== ''
    })
    t.same((await settled(id)).message, { state: 'sent' })
    t.match((await check(id, said)).body, { valid: true })
  })

  t.test('WhatsApp carries the code', async (t) => {
    const { begin, check, code, sandbox } = await open(t, { twilio: 'too' })
    const { id } = await begin({ channel: 'whatsapp' })
    const right = await code()
    t.match(sandbox.messages[0], { channel: 'whatsapp', to: NUMBER })
    t.match((await check(id, right)).body, { valid: true })
  })

  t.test('a landline gets a call, and the reply says so', async (t) => {
    const { begin, sandbox, settled } = await open(t)
    const { id, channel } = await begin({ to: LANDLINE })
    t.equal(channel, 'voice')
    t.same((await settled(id)).message, { state: 'sent' })
    t.equal(sandbox.messages.length, 0)
    t.equal(sandbox.calls[0]?.to, LANDLINE)
  })

  t.test('a landline that nobody can call gets nothing', async (t) => {
    const { ask } = await open(t, { settings: { VOICE_ROUTE: 'twilio-voice' } })
    t.match(await ask('POST', '/verifications', { to: LANDLINE }), { status: 422, body: { code: 'recipient_refused' } })
  })

  t.test('a test number has its own code, and nothing is sent', async (t) => {
    const { begin, check, settled, sandbox } = await open(t, { settings: { TEST_NUMBERS: `${TEST_NUMBER}:12345678`, ALLOWED_COUNTRIES: 'DE' } })
    const { id, codeLength } = await begin({ to: TEST_NUMBER, channel: 'whatsapp', codeLength: 5 })
    t.equal(codeLength, 8)
    t.same((await settled(id)).message, { state: 'sent' })
    t.match((await check(id, '12345670')).body, { valid: false, attemptsLeft: 4 })
    t.match((await check(id, '12345678')).body, { valid: true })
    t.same([...sandbox.messages, ...sandbox.calls], [])
  })

  t.test('a full budget is told of where the message would have been', async (t) => {
    const { begin, settled, clock, sandbox } = await open(t, { settings: { BUDGET_NUMBER: '1/1h' } })
    await settled((await begin()).id)
    clock.advance(30_000)
    const second = await settled((await begin()).id)
    t.match(second, { status: 'pending', message: { state: 'failed', reason: 'too_many_messages' } })
    t.equal(sandbox.messages.length, 1)
  })

  t.test('for whom a message is asked is counted', async (t) => {
    const { begin, settled, session } = await open(t, { settings: { BUDGET_IP: '1/1h', BUDGET_USER: '2/1h', GUARD_MODES: 'all=enforce' } })
    const stateOf = async (body: object, headers?: Record<string, string>): Promise<string> => (await settled((await begin(body, headers)).id, headers)).message.state
    t.equal(await stateOf({ to: '+4915112345670', ip: '203.0.113.7', user: 'one' }), 'sent')
    t.equal(await stateOf({ to: '+4915112345671', ip: '203.0.113.7', user: 'two' }), 'failed')
    t.equal(await stateOf({ to: '+4915112345672', user: 'one' }), 'sent')
    t.equal(await stateOf({ to: '+4915112345673' }, await session({ user: 'one' })), 'failed')
    t.equal(await stateOf({ to: '+4915112345674' }, await session({ ip: '203.0.113.7' })), 'failed')
    t.equal(await stateOf({ to: '+4915112345675', ip: 'none', user: { id: 'one' } }), 'sent', 'what says nothing stops nobody')
  })

  t.test('what a process has left unsent is sent when it falls due, once', async (t) => {
    let isAway = false
    const { begin, code, gateway, clock, sandbox, settled, told } = await open(t, {
      wrapSql: (sql) => ({
        read: async (wanted) => {
          const isLooking = wanted.text.includes('FROM verifications WHERE id = :id')
          if (isAway && isLooking) throw new Error('this process is gone')
          return await sql.read(wanted)
        },
        write: (steps) => sql.write(steps),
        follow: (topic, wake) => sql.follow(topic, wake),
        check: () => sql.check(),
        close: () => sql.close()
      })
    })
    isAway = true
    const { id } = await begin()
    await until(() => told('work.failed').some(({ what }) => what === 'sending a code'))
    isAway = false
    await gateway.housekeeping.runDue()
    t.equal(sandbox.messages.length, 0, 'it is left alone for a while')
    clock.advance(13_000)
    await Promise.all([gateway.housekeeping.runDue(), gateway.housekeeping.runDue()])
    await code()
    t.same((await settled(id)).message, { state: 'sent' })
    clock.advance(60_000)
    await gateway.housekeeping.runDue()
    t.equal(sandbox.messages.length, 1)
  })

  t.test('where a text does not arrive, the same code goes by a call', async (t) => {
    const { begin, code, check, settled, gateway, clock, sandbox } = await open(t, { settings: { ESCALATE_SMS: 'voice', ESCALATE_HOOKS: 'verifications' } })
    sandbox.script(NUMBER, { sms: { report: 'failed', reportDetails: '4005' } })
    const { id } = await begin()
    const right = await code()
    await settled(id)
    await sandbox.settled()
    clock.advance(1)
    await gateway.housekeeping.runDue()
    await sandbox.settled()
    t.same(sandbox.calls.map(({ to }) => to), [NUMBER])
    t.match(sandbox.calls[0]?.spoken.join(' ').replace(/[^0-9]/g, ''), right)
    t.match((await check(id, right)).body, { valid: true })
  })

  t.test('a message that is being sent is finished before the process ends', async (t) => {
    const { begin, sandbox, gateway } = await open(t)
    await begin()
    await gateway.close()
    t.equal(sandbox.messages.length, 1)
  })
}
