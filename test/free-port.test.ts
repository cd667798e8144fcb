import t, { type Test } from 'tap'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { nextFreePort } from '../src/free-port.ts'

const HOST = '127.0.0.1'

/** An address of nobody (RFC 5737): no port of it is free here. */
const NOWHERE = '192.0.2.1'

const take = async (t: Test, port = 0): Promise<number> => {
  const server = createServer()
  server.listen({ host: HOST, port, exclusive: true })
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return (server.address() as AddressInfo).port
}

t.test('a free port is taken as it is, and is free afterwards', async (t) => {
  const port = await nextFreePort(HOST, 0)
  t.equal(await nextFreePort(HOST, port), port)
  t.equal(await take(t, port), port)
})

t.test('a port that is taken is stepped over', async (t) => {
  const taken = await take(t)
  const port = await nextFreePort(HOST, taken)
  t.ok(port > taken && port < taken + 50, `${port} after ${taken}`)
})

t.test('a port that somebody is about to take is stepped over, too', async (t) => {
  const free = await nextFreePort(HOST, 0)
  t.ok(await nextFreePort(HOST, free, free) > free)
})

t.test('port 0 stands for any that is free', async (t) => {
  const taken = await take(t)
  const port = await nextFreePort(HOST, 0)
  t.ok(port > 0)
  t.not(port, taken)
})

t.test('where none is free it is the one that was asked for, and listening there says why', async (t) => {
  for (const port of [8000, 65_530, 65_535]) t.equal(await nextFreePort(NOWHERE, port), port)
})
