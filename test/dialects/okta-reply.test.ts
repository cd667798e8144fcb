import t from 'tap'
import { createOktaReply } from '../../src/dialects/okta-reply.ts'
import { ERRORS, type ErrorCode } from '../../src/domain/errors.ts'

const CODES = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code !== 'under_way')

/** The codes that say that somebody is not known. */
const UNKNOWN_CALLERS: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'forbidden', 'signature_invalid', 'host_not_allowed'])

/** What people read. */
const WORDS = /^(The code c|Too many codes were asked for\.)/

const sent = (value: object) => ({ kind: 'json', status: 200, body: { commands: [{ type: 'com.okta.telephony.action', value: [value] }] } })

t.test('a message that was taken has the provider\'s id, or else ours', async (t) => {
  const accepted = { kind: 'accepted', id: 'ours', channel: 'sms', provider: 'acs-sms' } as const
  const told = { status: 'SUCCESSFUL', provider: 'acs-sms', transactionMetadata: 'delivery=ours' }
  for (const failure of ['error', 'failed'] as const) {
    const reply = createOktaReply(failure)
    t.same(reply({ ...accepted, reference: 'theirs' }), sent({ ...told, transactionId: 'theirs' }))
    t.same(reply({ ...accepted, reference: undefined }), sent({ ...told, transactionId: 'ours' }))
    const pending = sent({ status: 'PENDING', transactionId: 'ours', transactionMetadata: 'delivery=ours' })
    t.same(reply({ kind: 'unknown', id: 'ours' }), pending)
    t.same(reply({ kind: 'failure', code: 'under_way', id: 'ours', retryAfter: 1 }), pending, 'after an error Okta would send a second code')
  }
})

t.test('a repetition is told as well as its original stands', async (t) => {
  const reply = createOktaReply('error')
  for (const [original, status] of [
    ['pending', 'PENDING'], ['unknown', 'PENDING'], ['accepted', 'SUCCESSFUL'], ['refused', 'PENDING'], ['failed', 'PENDING'], ['undelivered', 'PENDING'], ['delivered', 'SUCCESSFUL']
  ] as const) t.same(reply({ kind: 'duplicate', id: 'ours', original }), sent({ status, transactionId: 'ours', transactionMetadata: 'delivery=ours' }), original)
})

t.test('whatever was not sent is told with 200, but for those who are not Okta', async (t) => {
  for (const code of CODES) {
    const failure = { kind: 'failure', code, detail: 'a fixed word', id: 'ours' } as const
    const [error, failed] = [createOktaReply('error')(failure), createOktaReply('failed')(failure)]
    if (UNKNOWN_CALLERS.has(code)) {
      t.same([error, failed], [{ kind: 'problem', failure }, { kind: 'problem', failure }], code)
      continue
    }
    t.same(failed, sent({ status: 'FAILED', transactionId: 'ours', transactionMetadata: `reason=${code}` }), code)
    t.match(error, { kind: 'json', status: 200, body: { error: { errorSummary: WORDS, errorCauses: [{ errorSummary: WORDS, reason: `${code}: ${ERRORS[code].title} (a fixed word, delivery=ours)` }] } } }, code)
    // People read that, and have no use for settings.
    t.notMatch(JSON.stringify(error).replace(/"reason":"[^"]*"/, ''), /DEFAULT_COUNTRY|gateway|provider|_/, code)
  }
})

t.test('a cause of which nothing more is known ends with its words', async (t) => {
  t.match(createOktaReply('error')({ kind: 'failure', code: 'code_invalid' }), { body: { error: { errorCauses: [{ reason: `code_invalid: ${ERRORS.code_invalid.title}` }] } } })
  t.match(createOktaReply('error')({ kind: 'failure', code: 'provider_failed', id: 'ours' }), { body: { error: { errorCauses: [{ reason: /\(delivery=ours\)$/ }] } } })
})
