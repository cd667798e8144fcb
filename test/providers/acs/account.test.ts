import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { createAcsAccountCheck } from '../../../src/providers/acs/account.ts'
import type { AcsSettings } from '../../../src/providers/acs/acs.ts'
import { createAccountChecks } from '../../../src/providers/catalog.ts'
import type { HttpClient, HttpResponse } from '../../../src/providers/http-client.ts'
import { answering, closedAccount, startAcs, startHttp } from './stand.ts'

const check = async (settings: Pick<AcsSettings, 'account' | 'voice'>, http: HttpClient, timeout = 5000): Promise<string[]> =>
  (await createAcsAccountCheck({ settings, http }).check(Deadline.in(timeout))).map(({ level, about, says }) => `${level} ${about}: ${says}`)

t.test('the right key, with speech and without', async (t) => {
  const { settings, http, sandbox, asked } = await startAcs(t)
  t.match(await check(settings, http), ['ok ACS_CONNECTION_STRING: Azure takes the key.', /^skip ACS_COGNITIVE_SERVICES_ENDPOINT: whether Azure can speak/])
  t.same(await check({ ...settings, voice: undefined }, http), ['ok ACS_CONNECTION_STRING: Azure takes the key.'])
  t.same(asked.map(({ method, body }) => [method, body]), [['GET', undefined], ['GET', undefined]])
  t.same([...sandbox.calls, ...sandbox.messages], [])
})

t.test('a wrong key', async (t) => {
  const { settings, http } = await startAcs(t)
  const wrong = Buffer.alloc(32).toString('base64')
  const lines = await check({ ...settings, account: { ...settings.account, accessKey: new SensitiveText(wrong) } }, http)
  t.match(lines, [/^fail ACS_CONNECTION_STRING: Azure refuses the key: copy the connection string anew/])
  t.equal(lines.length, 1, 'of speech nothing is said')
  t.notMatch(lines.join(), wrong)
})

t.test('other answers', async (t) => {
  const { settings } = await startAcs(t)
  const says = async (response: Partial<HttpResponse>): Promise<string | undefined> => (await check(settings, answering(response)))[0]
  t.match(await says({ status: 403, body: '{}' }), /^fail /)
  t.match(await says({ status: 400, body: '{}' }), /^ok /, 'it has read the request: the key is right')
  t.match(await says({ status: 503, body: '{}' }), /^warn ACS_CONNECTION_STRING: Azure answered with 503/)
  const notAzure = /^fail ACS_CONNECTION_STRING: what answers is not Azure Communication Services/
  t.match(await says({ status: 200, body: '{}' }), notAzure, 'it knows a call that does not exist')
  t.match(await says({ status: 200, body: '<html>' }), notAzure)
  const broken: HttpClient = { request: async () => { throw new Error('not one of ours') }, close: async () => {} }
  t.match((await check(settings, broken))[0], notAzure)
})

const unanswered = async (t: Test, http: HttpClient, timeout: number): Promise<string | undefined> => {
  const { settings, accessKey } = await startAcs(t)
  return (await check({ ...settings, account: await closedAccount(accessKey) }, http, timeout))[0]
}

t.test('Azure cannot be reached, or does not answer', async (t) => {
  t.match(await unanswered(t, startHttp(t), 5000), /^fail ACS_CONNECTION_STRING: Azure cannot be reached/)
  const asked: number[] = []
  const http = startHttp(t)
  const late: HttpClient = { ...http, request: (request) => { asked.push(request.timeout); return http.request({ ...request, timeout: 0 }) } }
  const { settings } = await startAcs(t)
  t.match((await check(settings, late, 40))[0], /^fail ACS_CONNECTION_STRING: Azure did not answer in time/)
  t.ok(asked.every((timeout) => timeout <= 40 && timeout >= 1), 'what is left of the deadline goes with the request')
})

t.test('there is a check for each vendor that is configured', async (t) => {
  const { settings, http } = await startAcs(t)
  const names = async (acs: AcsSettings | undefined): Promise<string[]> =>
    (await createAccountChecks({ acs, twilio: undefined, http, used: new Set() })).map(({ vendor }) => vendor)
  t.same(await names(settings), ['acs'])
  t.same(await names(undefined), [])
})
