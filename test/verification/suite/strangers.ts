import type { Test } from 'tap'
import type { Reply } from '../../support/gateway.ts'
import { BANK, CALLERS, NUMBER, SHOP, wrong, type Api, type OpenApi } from '../api-stand.ts'

const OTHER = '+4915192345678'
const OPTIONS = { settings: CALLERS }

/** A reply without what differs between any two verifications. */
const comparable = ({ status, headers, body }: Reply): object => {
  const text = JSON.stringify({ status, headers: [...headers].filter(([name]) => !['date', 'content-length'].includes(name)), body })
  return JSON.parse(text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'id')
    .replaceAll(/"requestId":"[^"]+"/g, '"requestId":"id"')
    .replaceAll(OTHER, NUMBER))
}

/** What others see and can do: nothing, and they cannot tell whether there is anything. */
export const strangers = (t: Test, open: OpenApi): void => {
  t.test('a decoy cannot be told apart, whatever is done with it', async (t) => {
    const api = await open(t, OPTIONS)
    const { ask, begin, settled, code, check, resend, cancel, sandbox, clock, told } = api
    const known = await begin({}, SHOP)
    const right = await code(1)
    await settled(known.id, SHOP)
    // The one is real, the other is of a number that somebody else is about.
    const numbers = [OTHER, NUMBER]
    const ids: string[] = []
    const both = async (what: string, act: (id: string, index: number) => Promise<Reply>): Promise<Reply[]> => {
      const replies: Reply[] = []
      for (const index of [0, 1]) replies.push(await act(ids[index] as string, index))
      const [real, decoy] = replies.map(comparable)
      t.same(decoy, real, what)
      return replies
    }
    const start = (what: string) => both(what, async (_id, index) => {
      const reply = await ask('POST', '/verifications', { to: numbers[index] }, BANK)
      ids[index] = reply.body.id
      return reply
    })
    const look = (what: string) => both(what, (id) => ask('GET', `/verifications/${id}`, undefined, BANK))
    const realOnesSent = async (messages: number): Promise<void> => {
      await code(messages)
      await settled(ids[0] as string, BANK)
    }

    await start('start')
    await look('look at once')
    await realOnesSent(2)
    await look('look once it is sent')
    const realCode = await code(2)
    const neverRight = ['000000', '111111', '222222'].find((guess) => guess !== right && guess !== realCode) as string
    await both('a wrong code', (id) => check(id, neverRight, BANK))
    await both('the code of somebody else', async (id, index) => await check(id, index === 0 ? wrong(realCode) : right, BANK))
    await both('no code', (id) => check(id, 'no', BANK))
    await both('resend too soon', (id) => resend(id, undefined, BANK))
    clock.advance(30_000)
    await both('resend', (id) => resend(id, undefined, BANK))
    await realOnesSent(3)
    await look('look after resend')
    await both('resend by no way', (id) => resend(id, { channel: 'whatsapp' }, BANK))
    await start('start anew, too soon')
    await look('look at what took over')
    await both('cancel', (id) => cancel(id, BANK))
    await look('look at what is canceled')
    await both('check what is canceled', (id) => check(id, neverRight, BANK))
    await both('resend what is canceled', (id) => resend(id, undefined, BANK))
    const early = await both('start anew after that', (_id, index) => ask('POST', '/verifications', { to: numbers[index] }, BANK))
    t.match(early[0], { status: 429, body: { code: 'resend_too_early', retryAfter: 29 } })
    clock.advance(30_000)
    await start('start anew later')
    await realOnesSent(4)
    for (const nth of [3, 4, 5]) await both(`wrong code ${nth}`, (id) => check(id, neverRight, BANK))
    await look('look at what has failed')
    await both('check what has failed', (id) => check(id, neverRight, BANK))
    await start('too many attempts')

    t.equal(sandbox.messages.filter(({ to }) => to === NUMBER).length, 1, 'nothing was sent for a decoy')
    t.same([...new Set(told('verification.started').filter(({ caller }) => caller === 'bank').map(({ kind }) => kind))].sort(), ['decoy', 'new', 'taken-over'])
    t.same((await check(known.id, right, SHOP)).body, { valid: true, status: 'approved', attemptsLeft: 5 }, 'whose it is was not disturbed')
  })

  t.test('a decoy expires as others do', async (t) => {
    const { begin, look, code, check, clock } = await open(t, OPTIONS)
    await begin({}, SHOP)
    const decoy = await begin({}, BANK)
    const right = await code()
    clock.advance(299_999)
    t.equal((await look(decoy.id, BANK)).status, 'pending')
    clock.advance(1)
    t.equal((await look(decoy.id, BANK)).status, 'expired')
    t.match((await check(decoy.id, right, BANK)).body, { valid: false, status: 'expired' })
  })

  t.test('the code of a real one is never right for a decoy', async (t) => {
    const { begin, code, check, look } = await open(t, OPTIONS)
    const real = await begin({}, SHOP)
    const decoys = [await begin({}, BANK), await begin({ session: 'a browser' }, SHOP)]
    const right = await code()
    t.match((await check((decoys[0]).id, right, BANK)).body, { valid: false, status: 'pending' })
    t.match((await check((decoys[1]).id, right, SHOP)).body, { valid: false, status: 'pending' })
    t.match(await look(real.id, SHOP), { status: 'pending', attemptsLeft: 5 }, 'their guesses take it nothing')
    t.match((await check(real.id, right, SHOP)).body, { valid: true })
  })

  t.test('of any number of strangers at a time one gets a message', async (t) => {
    const { ask, code, check, sandbox } = await open(t)
    const replies = await Promise.all(Array.from({ length: 10 }, (_, index) => ask('POST', '/verifications', { to: NUMBER, session: `browser ${index}` })))
    t.equal(new Set(replies.map(({ body }) => body.expiresAt)).size, 1)
    const right = await code()
    const checked = await Promise.all(replies.map(({ body }) => check(body.id, right)))
    t.equal(checked.filter(({ body }) => body.valid).length, 1)
    t.equal(sandbox.messages.length, 1)
  })

  t.test('an app tells its people apart by their sessions, and sees them all', async (t) => {
    const { begin, look, code, clock, told } = await open(t)
    const first = await begin({ session: 'one' })
    await code()
    const second = await begin({ session: 'two' })
    const third = await begin({ session: 'one' })
    t.same(told('verification.started').map(({ kind }) => kind), ['new', 'decoy', 'taken-over'])
    t.same(await Promise.all([first, second, third].map(async ({ id }) => (await look(id)).status)), ['canceled', 'pending', 'pending'])
    clock.advance(300_000)
    await begin({ session: 'two' })
    t.equal(told('verification.started').at(-1)?.kind, 'new', 'once the other one is over, it is their turn')
    await code(2)
  })

  t.test('others find nothing, and what they do changes nothing', async (t) => {
    const api = await open(t, OPTIONS)
    const { begin, look, code, check, session } = api
    const { id } = await begin({}, SHOP)
    const right = await code()
    const unknown = '01890000-0000-7000-8000-000000000000'
    for (const headers of [BANK, {}, await session({}, BANK), await session({}, SHOP), await session({ to: NUMBER }, SHOP)]) await findNothing(t, api, id, right, headers)
    for (const odd of [unknown, 'x', id.toUpperCase(), `${id}0`, '%00', 'a'.repeat(300)]) await findNothing(t, api, odd, right, SHOP)
    t.match(await look(id, SHOP), { status: 'pending', attemptsLeft: 5, sendsLeft: 3 })
    t.match((await check(id, right, SHOP)).body, { valid: true })
  })
}

const findNothing = async (t: Test, { ask, check, resend, cancel }: Api, id: string, right: string, headers: Record<string, string>): Promise<void> => {
  for (const reply of [
    await ask('GET', `/verifications/${id}`, undefined, headers),
    await check(id, right, headers),
    await resend(id, undefined, headers),
    await cancel(id, headers)
  ]) t.match(reply, { status: 404, body: { code: 'not_found' } })
}
