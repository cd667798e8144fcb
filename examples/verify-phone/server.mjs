// A page whose visitors show that a phone number is theirs; README.md says how to run it.
import fastify from 'fastify'
const { PORT = 3000, APP_URL = `http://127.0.0.1:${PORT}`, GATEWAY_URL = 'http://127.0.0.1:8000', GATEWAY_SECRET } = process.env
const visitors = new Map() // by the id in their cookie; a real app has them in its sessions
const page = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Your phone</title><button>Verify my phone</button> <output></output>
  <script src="${GATEWAY_URL}/verify.js"></script><script src="/page.js"></script></html>`
const script = `const ask = (path) => fetch(path, { method: 'POST' }).then((reply) => reply.ok ? reply.json() : Promise.reject(reply))
document.querySelector('button').onclick = async ({ target: button }) => {
  button.disabled = true
  button.nextElementSibling.textContent = await ask('/session').then((session) => PhoneCode.verify(session))
    .then(({ id }) => ask('/verified?id=' + id)).then(({ phone }) => phone ? phone + ' is yours.' : 'Not verified.').catch(() => 'Not available.')
  button.disabled = false
}`
const gateway = async (path, body) => {
  const headers = { authorization: `Bearer ${GATEWAY_SECRET}`, ...body && { 'content-type': 'application/json' } }
  const reply = await fetch(GATEWAY_URL + path, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(5000) }).catch(() => ({ status: 'no answer' }))
  if (reply.ok || (reply.status === 404 && !body)) return reply.json() // 404: what the browser named is no verification
  console.error(`${GATEWAY_URL}${path}: ${reply.status}`)
  throw Object.assign(new Error('Not available'), { statusCode: 502 })
}
const app = fastify().decorateRequest('visitor', null).addHook('onRequest', async (request, reply) => {
  const [, known] = /(?:^|; )visitor=([0-9a-f-]{36})/.exec(request.headers.cookie) ?? []
  const id = visitors.has(known) ? known : crypto.randomUUID()
  if (id !== known && visitors.set(id, {}).size > 1000) visitors.delete(visitors.keys().next().value)
  request.visitor = visitors.get(id)
  reply.header('set-cookie', `visitor=${id}; HttpOnly; SameSite=Lax; Path=/${APP_URL.startsWith('https:') ? '; Secure' : ''}`)
  reply.header('content-security-policy', `default-src 'self' ${new URL(GATEWAY_URL).origin}; frame-ancestors 'none'`)
})
app.get('/', (request, reply) => reply.type('text/html').send(page)).get('/page.js', (request, reply) => reply.type('text/javascript').send(script))
app.post('/session', async ({ visitor }) => {
  visitor.reference = crypto.randomUUID() // known to the gateway and to this visitor alone, and good for one verification
  return { session: (await gateway('/verify/sessions', { origin: APP_URL, reference: visitor.reference })).token }
})
app.post('/verified', async ({ visitor, query }) => {
  const { status, reference, to } = await gateway(`/verifications/${encodeURIComponent(query.id || 'none')}`)
  if (status === 'approved' && visitor.reference && reference === visitor.reference) Object.assign(visitor, { phone: to, reference: undefined })
  return { phone: visitor.phone }
})
console.log(await app.listen({ host: '127.0.0.1', port: Number(PORT) }))
