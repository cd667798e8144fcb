import t from 'tap'
import { REASONS } from '../../../src/domain/reason.ts'
import { hintOf, REPORT_CODES } from '../../../src/providers/acs/codes.ts'

t.test('each of Azure\'s codes has a reason of ours', async (t) => {
  for (const [code, { reason }] of REPORT_CODES) t.ok(REASONS.includes(reason), code)
})

t.test('a hint is one plain sentence that names settings, and nothing that looks like a code or a number', async (t) => {
  const codes = [...REPORT_CODES.keys(), 'Denied', 'Unauthorized', '403.510403', '403.560403', '603.560603', '401.8565']
  const hints = codes.map((code) => hintOf(code, 'ES')).filter((hint) => hint !== undefined)
  t.ok(hints.length > 10)
  for (const hint of hints) {
    t.notMatch(hint, /[0-9{}]/, hint)
    t.notMatch(hint, /[.!?]$/, hint)
    t.ok(hint.length < 160, hint)
  }
})

t.test('a hint names the country where it is known', async (t) => {
  t.match(hintOf('4003', 'ES'), /cannot reach Spain: .*ACS_SENDER_ID_/)
  t.match(hintOf('403.560403', 'DE'), /^the call to Germany was not allowed/)
  for (const country of [undefined, '', 'QQ', 'es', '$&', '001']) t.match(hintOf('4003', country), /cannot reach the country/, String(country))
})

t.test('codes of calls are known by their second part', async (t) => {
  t.match(hintOf('603.560603', undefined), /ACS_SOURCE_PHONE_NUMBER/)
  t.match(hintOf('401.8565', undefined), /ACS_COGNITIVE_SERVICES_ENDPOINT/)
  t.equal(hintOf('486.560486', undefined), undefined)
})

t.test('there is no hint where there is nothing to do, or nothing is known', async (t) => {
  for (const code of ['4002', '4006', '5002', '9999', '4011', '', 'Deniedly', 'toString']) t.equal(hintOf(code, 'ES'), undefined, code)
  t.match(hintOf('Denied', undefined), /ACS_CONNECTION_STRING/)
})
