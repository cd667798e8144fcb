import { inspect } from 'node:util'
import t from 'tap'
import { readRequester } from '../../src/dialects/requester.ts'

const PATHS = { ip: ['ip', 'request.ip'], user: ['user', 'person.id'] }

const read = (body: unknown) => {
  const { ip, user } = readRequester(body, PATHS)
  return [ip?.reveal(), user?.reveal()]
}

t.test('an address and an id are read, wherever they stand', async (t) => {
  t.same(read({ ip: '203.0.113.7', user: 'auth0|5f7c8ec7' }), ['203.0.113.7', 'auth0|5f7c8ec7'])
  t.same(read({ request: { ip: ' 2001:db8::7\n' }, person: { id: ' 17 ' } }), ['2001:db8::7', '17'])
  t.same(read({ ip: '', request: { ip: '203.0.113.7' }, user: ' ', person: { id: 'kim' } }), ['203.0.113.7', 'kim'], 'blank ones are absent')
  t.same(read({ user: 17 }), [undefined, '17'], 'an id may be a number')
  t.same(read({ user: 'x'.repeat(256) }), [undefined, 'x'.repeat(256)])
  t.same(read({ user: 'kím 金 🙂' }), [undefined, 'kím 金 🙂'])
})

t.test('addresses of the internet are taken in every form', async (t) => {
  for (const ip of ['8.8.8.8', '100.63.255.255', '172.32.0.1', '11.0.0.0', '2001:db8::', '2001:DB8:0:0:0:0:0:1', '::ffff:8.8.8.8', '::ffff:808:808', '1:2:3:4:5:6:255.255.255.255']) {
    t.same(read({ ip }), [ip, undefined])
  }
})

t.test('an address that many people share, or none has, says nothing', async (t) => {
  for (const ip of [
    '0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.1.1', '172.16.0.1', '172.31.255.255', '192.168.1.1',
    '::', '::1', 'fc00::1', 'fdff::1', 'fe80::1', '::ffff:10.1.2.3', '::ffff:7f00:1', '::FFFF:192.168.0.1'
  ]) t.same(read({ ip }), [undefined, undefined], ip)
})

t.test('what can be no address is let go', async (t) => {
  for (const ip of [
    null, true, 7, 134744072, {}, [], ['203.0.113.7'], { ip: '203.0.113.7' }, 'unknown', 'example.com', '203.0.113.7:443', '[2001:db8::7]', '203.0.113.7, 198.51.100.9', '203.0.113', '203.0.113.256',
    '0203.0.113.7', 'fe80::1%eth0', '2001:db8::7%1', '2001:db8:::7', '203.0.113.7\u0000', `${' '.repeat(46)}203.0.113.7`, 'x'.repeat(100_000)
  ]) t.same(read({ ip }), [undefined, undefined], inspect(ip).slice(0, 40))
})

t.test('what can be no id is let go', async (t) => {
  for (const user of [null, true, 1.5, NaN, 2 ** 53, {}, [], ['kim'], { toString: null }, '', ' \n', 'a\u0000b', 'a\nb', 'x'.repeat(257)]) {
    t.same(read({ user }), [undefined, undefined], inspect(user).slice(0, 40))
  }
})

t.test('whatever the body is, nothing is thrown', async (t) => {
  for (const body of [undefined, null, 'text', 7, [], [['ip']], { __proto__: { ip: '203.0.113.7' } }, { request: null, person: 'kim' }]) t.same(read(body), [undefined, undefined])
  t.same(readRequester({ ip: '203.0.113.7', user: 'kim' }, {}), { ip: undefined, user: undefined }, 'where nobody says where to look')
})

t.test('neither can be printed', async (t) => {
  const requester = readRequester({ ip: '203.0.113.7', user: 'kim' }, PATHS)
  t.notMatch(`${inspect(requester)} ${JSON.stringify(requester)} ${String(requester.ip)} ${String(requester.user)}`, /203|kim/)
})
