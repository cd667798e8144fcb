import t from 'tap'
import { createHosts } from '../../src/inspector/hosts.ts'

const { allows, isOwn } = createHosts({ publicUrl: new URL('https://Codes.Example.com/hooks'), hosts: ['gateway.internal:8000', '10.0.0.7', 'plain.example:80'] })

t.test('it answers to the names that are set, and to those of this machine', async (t) => {
  for (const host of [
    'codes.example.com', 'CODES.example.COM', 'codes.example.com.', 'codes.example.com:443', 'gateway.internal:8000', 'Gateway.Internal.:8000',
    '10.0.0.7', 'plain.example', 'localhost', 'localhost:8000', 'LocalHost:1', 'localhost.:8000', '127.0.0.1:65535', '[::1]', '[::1]:8000'
  ]) t.ok(allows([host]), host)
})

t.test('it answers to no other', async (t) => {
  for (const host of [
    '', ' ', 'evil.example', 'codes.example.com.evil.example', 'evil-codes.example.com', 'xcodes.example.com', 'codes.example.com:8443', 'codes.example.com..',
    'gateway.internal', 'gateway.internal:8001', '10.0.0.70', 'localhost.evil.example', 'localhost:', 'localhost:x', 'localhost:8000:1', 'localhost/', 'localhost:8000/x',
    'user@localhost', 'localhost@evil.example', 'localhost, evil.example', '127.0.0.1.evil.example', '127.0.0.2', '127.1', '2130706433', '0.0.0.0', '[::]', '[::2]:8000', '::1',
    '[::ffff:127.0.0.1]', 'undefined', 'undefined:undefined', 'localhost\r\nx: y', 'localhost;', '.localhost', '*', 'x'.repeat(300)
  ]) t.notOk(allows([host]), host)
})

t.test('a host that is missing, or comes twice, is nobody', async (t) => {
  t.notOk(allows([]))
  t.notOk(allows(['localhost', 'localhost']))
  t.notOk(allows(['localhost', 'evil.example']))
})

t.test('without any setting only this machine is known', async (t) => {
  const own = createHosts({ publicUrl: undefined, hosts: [] })
  t.ok(own.allows(['localhost:8000']))
  for (const host of ['codes.example.com', '', 'undefined', 'undefined:undefined', 'not a host']) t.notOk(own.allows([host]), host)
})

t.test('what is set and no host is nobody\'s name', async (t) => {
  const odd = createHosts({ publicUrl: undefined, hosts: ['not a host'] })
  for (const host of ['not a host', 'another odd one', '']) t.notOk(odd.allows([host]), host)
})

t.test('a page is ours that is at that host, by http or https', async (t) => {
  for (const [origin, host] of [
    ['https://codes.example.com', 'codes.example.com'], ['https://codes.example.com', 'Codes.Example.com.:443'], ['https://codes.example.com:443', 'codes.example.com'], ['https://codes.example.com', 'codes.example.com:80'],
    ['http://plain.example', 'plain.example'], ['https://plain.example', 'plain.example'], ['https://plain.example', 'plain.example:80'], ['http://plain.example:80', 'plain.example'], ['https://localhost:8000', 'localhost:8000'],
    ['http://localhost:8000', 'localhost:8000'], ['http://[::1]:8000', '[::1]:8000'], ['http://localhost.:8000', 'localhost.:8000']
  ] as const) t.ok(isOwn(origin, host), `${origin} at ${host}`)
})

t.test('a page of somebody else is not', async (t) => {
  for (const [origin, host] of [
    ['null', 'localhost:8000'], ['', 'localhost:8000'], ['https://evil.example', 'localhost:8000'], ['http://localhost:3000', 'localhost:8000'], ['http://localhost', 'localhost:8000'],
    ['http://127.0.0.1:8000', 'localhost:8000'], ['https://codes.example.com.evil.example', 'codes.example.com'], ['https://codes.example.com@evil.example', 'codes.example.com'],
    ['https://codes.example.com/', 'codes.example.com'], ['https://codes.example.com, https://evil.example', 'codes.example.com'], ['file://codes.example.com', 'codes.example.com'],
    ['ftp://localhost:8000', 'localhost:8000'], ['chrome-extension://localhost:8000', 'localhost:8000'], ['localhost:8000', 'localhost:8000'], ['https://not a host', 'not a host'],
    ['https://', ''], ['https://undefined', ''], ['http:/localhost:8000', 'localhost:8000'], ['https:localhost:8000', 'localhost:8000'],
    ['http://localhost:443', 'localhost:443'], ['https://localhost:80', 'localhost:80'], ['http://localhost:443', 'localhost']
  ] as const) t.notOk(isOwn(origin, host), `${origin} at ${host}`)
})

t.test('at the host of PUBLIC_URL a page has its scheme and its port', async (t) => {
  for (const [origin, host] of [
    ['http://codes.example.com', 'codes.example.com'], ['http://CODES.example.com.', 'codes.example.com.'], ['http://codes.example.com', 'codes.example.com:80'], ['http://codes.example.com:80', 'codes.example.com:443'],
    ['https://codes.example.com:80', 'codes.example.com:80'], ['http://codes.example.com:443', 'codes.example.com:443']
  ] as const) t.notOk(isOwn(origin, host), `${origin} at ${host}`)
  const plain = createHosts({ publicUrl: new URL('http://codes.example.com:8080'), hosts: ['codes.example.com'] })
  t.ok(plain.isOwn('http://codes.example.com:8080', 'codes.example.com:8080'))
  t.notOk(plain.isOwn('https://codes.example.com:8080', 'codes.example.com:8080'))
  for (const scheme of ['http', 'https']) t.ok(plain.isOwn(`${scheme}://codes.example.com`, 'codes.example.com'), 'that is another name')
})
