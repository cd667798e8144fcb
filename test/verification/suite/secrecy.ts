import type { Test } from 'tap'
import { inspect } from 'node:util'
import { NUMBER, type OpenApi } from '../api-stand.ts'

/** What nobody reads who should not. */
export const secrecy = (t: Test, open: OpenApi): void => {
  t.test('no code, number or token is in a log line, a row or a fact, nor in a refusal', async (t) => {
    const { ask, begin, code, check, resend, cancel, session, look, stored, log, events, clock, gateway, settled, sandbox } = await open(t)
    const { authorization } = await session({ to: NUMBER, reference: 'a reference', user: 'a-user-of-theirs' })
    const browser = { authorization: authorization as string }
    const first = await begin({ ip: '203.0.113.77', user: 'a-user-of-theirs', session: 'a-session-of-theirs' })
    const codes = [await code(1)]
    const refusals = [
      await ask('POST', '/verifications', { to: `${NUMBER}x${NUMBER}` }),
      await ask('POST', '/verifications', { to: NUMBER, channel: NUMBER }),
      await ask('POST', '/verifications', `{"to":"${NUMBER}"`),
      await ask('POST', `/verifications/${first.id}/check?code=${codes[0]}`, { code: `${codes[0]}${codes[0]}${codes[0]}` }),
      await ask('GET', `/verifications/${NUMBER}`),
      await ask('POST', `/verifications/${codes[0]}/check`, `{"code":"${codes[0]}`),
      await resend(first.id)
    ]
    const decoy = await begin({ to: undefined }, browser)
    await check(decoy.id, codes[0], browser)
    const early = await stored()
    clock.advance(30_000)
    await resend(first.id, { channel: 'voice' })
    await settled(first.id)
    await sandbox.settled()
    await check(first.id, codes[0])
    await cancel(decoy.id, browser)
    await gateway.housekeeping.runDue()
    const second = await begin()
    codes.push(await code(2))
    clock.advance(300_000)
    t.equal((await look(second.id)).status, 'expired')
    await gateway.housekeeping.runDue()

    const marks: ReadonlyArray<readonly [string, RegExp]> = [
      ['the number', /15112345678|1511 ?234 ?5678/],
      ['a code', new RegExp(codes.map((code) => `(?<![0-9a-f.])${code}(?![0-9a-f])`).join('|'))],
      ['a token', new RegExp(browser.authorization.slice(7, 47))],
      ['an address', /203\.0\.113\.77/],
      ['a user', /a-user-of-theirs/],
      ['a session', /a-session-of-theirs/]
    ]
    const places = { log: log.join(''), facts: inspect(events, { depth: 9 }), rows: early, 'rows in the end': await stored(), refusals: JSON.stringify(refusals.map(({ body }) => body)) }
    for (const [place, content] of Object.entries(places)) {
      t.not(content, '')
      for (const [what, mark] of marks) t.notMatch(mark.exec(content)?.[0] ?? '', mark, `${what} in ${place}`)
    }
  })
}
