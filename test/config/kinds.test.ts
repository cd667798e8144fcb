import t from 'tap'
import * as kinds from '../../src/config/kinds.ts'
import { COUNTRY_SETTINGS, SETTINGS } from '../../src/config/settings.ts'

t.test('a whole number lies within its bounds', async (t) => {
  const { read } = kinds.integer(1, 50)
  t.equal(read('1'), 1)
  t.equal(read('50'), 50)
  for (const text of ['0', '51', '-1', '1.5', '1e1', '0x10', ' 1', '', 'one', '1234567890']) t.equal(read(text), undefined, text)
})

t.test('a choice takes its words and no others', async (t) => {
  const { read, says } = kinds.choice('on', 'off')
  t.equal(read('on'), 'on')
  for (const text of ['On', 'true', '', 'toString']) t.equal(read(text), undefined, text)
  t.equal(says, 'one of on, off')
})

t.test('a URL is https, or http to this machine', async (t) => {
  for (const text of ['https://example.com/a?b=c', 'http://localhost:8000/', 'http://127.0.0.1', 'http://127.8.9.1:1', 'http://[::1]:8000/']) {
    t.equal(kinds.url.read(text)?.href, new URL(text).href, text)
  }
  for (const text of [
    'http://example.com', 'http://10.0.0.1/', 'http://0.0.0.0/', 'http://localhost.example.com/', 'http://127.0.0.1.example.com/', 'http://[::2]/',
    'ftp://localhost/', 'file:///etc/passwd', 'javascript:alert(1)', '/events', 'example.com', '',
    'https://user@example.com/', 'https://:password@example.com/', 'https://example.com/#part'
  ]) t.equal(kinds.url.read(text), undefined, text)
})

t.test('a connection string is that of the portal', async (t) => {
  const read = (text: string): [string, string] | undefined => {
    const account = kinds.acsConnectionString.read(text)
    return account && [account.endpoint.href, account.accessKey.reveal()]
  }
  t.same(read('endpoint=https://a.communication.azure.com/;accesskey=YWJj+/=='), ['https://a.communication.azure.com/', 'YWJj+/=='])
  t.same(read('Endpoint=https://a.communication.azure.com;AccessKey=YWJj;'), ['https://a.communication.azure.com/', 'YWJj'])
  t.same(read('endpoint=http://127.0.0.1:8001/;accesskey=YWJj'), ['http://127.0.0.1:8001/', 'YWJj'], 'the sandbox is on this machine')
  for (const text of [
    'endpoint=http://a.communication.azure.com/;accesskey=YWJj', 'endpoint=https://a.example.com/path;accesskey=YWJj', 'endpoint=https://a.example.com/?x=1;accesskey=YWJj',
    'endpoint=https://a.example.com/;accesskey=', 'endpoint=https://a.example.com/;accesskey=a b', 'accesskey=YWJj', 'endpoint=nowhere;accesskey=YWJj',
    'https://a.example.com/', ''
  ]) t.equal(read(text), undefined, text)
})

t.test('lists are separated by commas, and empty places do not count', async (t) => {
  t.same(kinds.texts('', '^[a-z]$').read('a, b,,c ,'), ['a', 'b', 'c'])
  for (const text of ['', ',', 'a,B']) t.equal(kinds.texts('', '^[a-z]$').read(text), undefined, text)
  t.same(kinds.secrets.read('one, two')?.map((secret) => secret.reveal()), ['one', 'two'])
  t.equal(kinds.secrets.read(' , '), undefined)
})

t.test('one secret may hold a comma', async (t) => {
  t.equal(kinds.secret.read('one, two')?.reveal(), 'one, two')
  t.equal(kinds.secret.read('x'.repeat(2049)), undefined)
})

t.test('named secrets have a name that can be told, and it is not that of SECRET_HEADER', async (t) => {
  t.same([...kinds.namedSecrets.read('a:x:y,b-_9:z') ?? []].map(([name, [secret]]) => [name, secret?.reveal()]), [['a', 'x:y'], ['b-_9', 'z']])
  for (const text of ['default:x', 'a', 'a:', ':x', 'a b:x', 'a:x,b', `${'a'.repeat(65)}:x`]) t.equal(kinds.namedSecrets.read(text), undefined, text)
})

t.test('keys have 32 bytes', async (t) => {
  const key = (byte: number): Buffer => Buffer.alloc(32, byte)
  t.same(kinds.keys.read(`${key(1).toString('base64')}, ${key(2).toString('base64')}`), [key(1), key(2)])
  for (const bytes of [0, 16, 31, 33]) t.equal(kinds.keys.read(Buffer.alloc(bytes).toString('base64')), undefined, `${bytes} bytes`)
  t.equal(kinds.keys.read(`${key(1).toString('base64')},short`), undefined, 'none may be wrong')
})

t.test('pairs are from=to', async (t) => {
  t.same([...kinds.pairs('').read('a=b, c=d') ?? []], [['a', 'b'], ['c', 'd']])
  for (const text of ['a', 'a=', '=b', 'a=b=c', 'a=b,c', 'a b=c']) t.equal(kinds.pairs('').read(text), undefined, text)
})

t.test('a country is one that has numbers', async (t) => {
  for (const text of ['DE', 'US', 'GB', 'XK']) t.equal(kinds.country.read(text), text)
  for (const text of ['UK', 'EU', 'ZZ', 'de', 'D', 'DEU', '']) t.equal(kinds.country.read(text), undefined, text)
})

t.test('a sender is a number, a short code or a name', async (t) => {
  for (const { kind } of [SETTINGS.ACS_SENDER_ID, COUNTRY_SETTINGS.ACS_SENDER_ID_]) {
    for (const text of ['+15550100001', '12345', 'Example', 'My Shop 24', 'A-1_b & c']) t.equal(kind.read(text), text)
    for (const text of ['1', '+', 'Twelve chars', '------', 'Exämple', 'a;b', '+1 555 0100']) t.equal(kind.read(text), undefined, text)
  }
})

t.test('numbers to call from are in E.164 form', async (t) => {
  const { read } = SETTINGS.ACS_SOURCE_PHONE_NUMBER.kind
  t.same(read('+15550100001,+15550100002'), ['+15550100001', '+15550100002'])
  for (const text of ['15550100001', '+05550100001', '+1 5550100001', '+15550100001,Example', '+1']) t.equal(read(text), undefined, text)
})

t.test('the store is a file of SQLite', async (t) => {
  const { read } = SETTINGS.STORE_URL.kind
  t.equal(read('sqlite:./x.db'), 'sqlite:./x.db')
  for (const text of ['sqlite:', 'postgres://localhost/x', './x.db']) t.equal(read(text), undefined, text)
})
