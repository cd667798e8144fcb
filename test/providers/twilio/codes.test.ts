import t from 'tap'
import { mayTry, REASONS, type Reason } from '../../../src/domain/reason.ts'
import { hintOf, reasonOf, TWILIO_CODES, vendorCodeOf } from '../../../src/providers/twilio/codes.ts'
import { isFinal, wordOfMessage } from '../../../src/providers/twilio/message-word.ts'

t.test('every code has a reason of ours, and none stands twice', async (t) => {
  for (const [code, { reason }] of TWILIO_CODES) {
    t.ok(REASONS.includes(reason), code)
    t.equal(vendorCodeOf(code), code)
  }
})

t.test('every code of the catalogue that a person, an account or a carrier brings about is known', async (t) => {
  const expected: Readonly<Partial<Record<Reason, readonly number[]>>> = {
    credentials: [20003, 20005, 10001, 30002],
    configuration: [20404, 21603, 21705, 21604, 21608, 21219, 21910, 60200, 60204, 60223, 60224, 60226, 60227, 60228, 60229, 60243, 63015, 63027, 63028, 10002, 572005, 573005, 575001],
    rate_limited: [20429, 21611, 30001, 30022, 30023, 63018, 63038],
    provider_error: [20500, 20503, 30500],
    number_invalid: [21211, 13224, 21217, 13223, 30005],
    number_not_mobile: [21614, 21635, 30006, 60205],
    number_unreachable: [30003],
    opted_out: [21610],
    sender_refused: [21212, 21606, 21607, 21703, 21704, 21210, 30018, 30024, 30032, 30034, 30035, 30042, 63007, 63020, 63051, 68008],
    destination_unsupported: [21408, 21215, 60605, 21612, 60220, 60238, 63003, 63024],
    content_refused: [21617, 21602, 21619, 63005, 63013, 63016, 63021],
    carrier_blocked: [30004, 30007, 30038, 63014, 63032, 63033, 63049],
    carrier_error: [30008, 30017],
    expired: [30036],
    no_report: [30410],
    fraud_blocked: [30450, 30453, 60410, 60412, 60413],
    too_many_codes: [60202, 60203, 60212, 25109],
    unspecified: [60550]
  }
  for (const [reason, codes] of Object.entries(expected)) {
    for (const code of codes) t.equal(reasonOf(String(code)), reason, String(code))
  }
})

t.test('a block for fraud, a STOP and a used-up allowance are not to be got around', async (t) => {
  for (const code of ['30450', '30453', '60410', '60412', '60413', '21610', '60203', '60212', '25109']) {
    const reason = reasonOf(code) as Reason
    for (const step of ['again', 'channel', 'provider'] as const) t.notOk(mayTry(step, reason), `${code}: ${step}`)
  }
})

t.test('what may be tried next fits the code', async (t) => {
  t.same(['30003', '30008', '30017'].map((code) => mayTry('again', reasonOf(code) as Reason)), [true, true, true])
  t.same(['63003', '63024', '30006', '30410'].map((code) => mayTry('channel', reasonOf(code) as Reason)), [true, true, true, true])
  t.same(['30006', '30410'].map((code) => mayTry('provider', reasonOf(code) as Reason)), [false, false])
  t.same(['20003', '21408', '21606'].map((code) => mayTry('provider', reasonOf(code) as Reason)), [true, true, true])
})

t.test('a hint is one plain sentence, and nothing in it looks like a code or a number', async (t) => {
  const hints = [...TWILIO_CODES.keys()].map((code) => hintOf(code, 'ES')).filter((hint) => hint !== undefined)
  t.ok(hints.length > 60)
  for (const hint of hints) {
    t.notMatch(hint, /[0-9]{2}/, hint)
    t.notMatch(hint, /[{}]|[.!?]$|^ |^the the /, hint)
    t.ok(hint.length < 160, hint)
  }
})

t.test('a hint names the country where it is known', async (t) => {
  t.equal(hintOf('21408', 'ES'), 'turn on Spain in Twilio\'s geo permissions for messaging')
  t.equal(hintOf('21215', 'GB'), 'turn on United Kingdom in Twilio\'s geo permissions for voice')
  for (const country of [undefined, '', 'QQ', 'E', 'es', '001', '$1', 'Spain']) {
    t.equal(hintOf('21408', country), 'turn on the country in Twilio\'s geo permissions for messaging', String(country))
  }
})

t.test('there is no hint where there is nothing to do, or nothing is known', async (t) => {
  for (const code of ['21211', '30003', '30410', '20500', '99999', '2121', '', 'toString']) t.equal(hintOf(code, 'ES'), undefined, code)
})

t.test('a code is five or six digits, in text or as a number', async (t) => {
  t.equal(vendorCodeOf(21211), '21211')
  t.equal(vendorCodeOf('575001'), '575001')
  for (const code of [undefined, null, '', 0, 429, 2121, 1234567, 21211.5, -21211, '+15557654321', ' 21211', '21211\n', '02121', {}, [], Symbol.iterator]) {
    t.equal(vendorCodeOf(code), undefined, String(code))
  }
})

t.test('a message that is under way has no word yet', async (t) => {
  for (const status of ['queued', 'accepted', 'scheduled', 'sending', 'receiving', 'received', 'new', '', undefined, null, 7, {}, ['sent', 'x']]) {
    t.equal(wordOfMessage(status, '30003'), undefined, String(status))
  }
})

t.test('each status has its word, in any case', async (t) => {
  const nothing = { reason: undefined, vendorCode: undefined }
  for (const status of ['sent', 'SENT']) t.same(wordOfMessage(status, undefined), { status: 'accepted', ...nothing })
  for (const status of ['delivered', 'Delivered', 'read', 'PARTIALLY_DELIVERED']) t.same(wordOfMessage(status, '30003'), { status: 'delivered', ...nothing })
  for (const status of ['undelivered', 'failed', 'FAILED']) {
    t.same(wordOfMessage(status, '30003'), { status: 'undelivered', reason: 'number_unreachable', vendorCode: '30003' })
    t.same(wordOfMessage(status, 30003), { status: 'undelivered', reason: 'number_unreachable', vendorCode: '30003' })
    t.same(wordOfMessage(status, '39999'), { status: 'undelivered', reason: 'unspecified', vendorCode: '39999' })
    for (const code of [undefined, null, '', 0, 'none', '+15557654321']) {
      t.same(wordOfMessage(status, code), { status: 'undelivered', reason: 'unspecified', vendorCode: undefined }, String(code))
    }
  }
  t.same(wordOfMessage('canceled', null), { status: 'undelivered', reason: 'canceled', vendorCode: undefined })
  t.same(wordOfMessage('canceled', 30036), { status: 'undelivered', reason: 'expired', vendorCode: '30036' })
})

t.test('a carrier that reports nothing leaves it open whether the message arrived', async (t) => {
  t.same(wordOfMessage('undelivered', '30410'), { status: 'unknown', reason: 'no_report', vendorCode: '30410' })
})

t.test('every word but "sent" is the last', async (t) => {
  const words = ['sent', 'delivered', 'undelivered'].map((status) => wordOfMessage(status, undefined)).filter((word) => word !== undefined)
  t.same(words.map(isFinal), [false, true, true])
})
