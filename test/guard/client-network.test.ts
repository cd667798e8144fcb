import t from 'tap'
import { clientNetwork } from '../../src/guard/client-network.ts'

t.test('an IPv4 address counts by itself, however it is written', async (t) => {
  for (const text of ['203.0.113.7', ' 203.0.113.7 ', '::ffff:203.0.113.7', '::FFFF:203.0.113.7', '::ffff:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7']) {
    t.equal(clientNetwork(text), '203.0.113.7', text)
  }
  t.equal(clientNetwork('::ffff:1.0.0.1'), '1.0.0.1')
})

t.test('an IPv6 address in which an IPv4 one stands counts as that', async (t) => {
  for (const text of [
    '64:ff9b::203.0.113.7', '64:FF9B::cb00:7107', '2002:cb00:7107::1', '2002:cb00:7107:1:2:3:4:5', '2002:cb00:7107::',
    '::203.0.113.7', '::cb00:7107', '::ffff:0:203.0.113.7', '::ffff:0:cb00:7107'
  ]) t.equal(clientNetwork(text), '203.0.113.7', text)
  for (const [text, network] of [
    ['64:ff9b:1::203.0.113.7', '64:ff9b:1:0::/64'], ['64:ff9b:0:0:1::1', '64:ff9b:0:0::/64'], ['2003:cb00:7107::1', '2003:cb00:7107:0::/64'],
    ['::1:ffff:203.0.113.7', '0:0:0:0::/64'], ['::1:0:0:1', '0:0:0:0::/64']
  ] as const) t.equal(clientNetwork(text), network, text)
})

t.test('an address that no person can have counts by nothing', async (t) => {
  for (const text of [
    '0.0.0.0', '0.255.255.255', '198.18.0.1', '198.19.255.255', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255',
    '::', '::1', 'fe80::1', 'febf::1', 'ff02::1', 'ffff::1',
    '::ffff:198.18.0.1', '::ffff:0.0.0.1', '64:ff9b::224.0.0.1', '2002:f000:1::1', '::ffff:0:0.0.0.1', '::0.0.0.2'
  ]) t.equal(clientNetwork(text), undefined, text)
  for (const text of ['1.0.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255']) t.equal(clientNetwork(text), text)
  t.equal(clientNetwork('fec0::1'), 'fec0:0:0:0::/64')
  t.equal(clientNetwork('fe7f::1'), 'fe7f:0:0:0::/64')
  t.equal(clientNetwork('feff::1'), 'feff:0:0:0::/64')
})

t.test('an IPv6 address counts by its first 64 bits', async (t) => {
  for (const text of ['2001:db8:1:2::1', '2001:DB8:1:2:ffff:ffff:ffff:ffff', '2001:0db8:0001:0002:0:0:0:9', '2001:db8:1:2::203.0.113.7']) {
    t.equal(clientNetwork(text), '2001:db8:1:2::/64', text)
  }
  t.equal(clientNetwork('2001:db8::1'), '2001:db8:0:0::/64')
  t.equal(clientNetwork('2001:db8:0:0:1::'), '2001:db8:0:0::/64')
  t.equal(clientNetwork('1::2:3:4:5:6:7'), '1:0:2:3::/64')
  t.not(clientNetwork('2001:db8:1:3::1'), clientNetwork('2001:db8:1:2::1'))
})

t.test('what is no address counts by nothing', async (t) => {
  for (const text of ['', 'unknown', 'localhost', '203.0.113', '203.0.113.256', '01.2.3.4', '203.0.113.7:443', '[2001:db8::1]', '2001:db8::1%eth0', '2001:db8', ':::', '1, 2', 'x'.repeat(10_000)]) {
    t.equal(clientNetwork(text), undefined, text.slice(0, 40))
  }
})
