import t from 'tap'
import { ERRORS, RequestError, type ErrorCode } from '../../src/domain/errors.ts'

t.test('a refusal carries its code and a fixed hint, and nothing else', async (t) => {
  const cause = new Error('why')
  const error = new RequestError('number_missing', 'phoneNumber', { cause })
  t.match(error, { name: 'RequestError', message: 'number_missing', code: 'number_missing', detail: 'phoneNumber', cause })
  t.same([new RequestError('unauthorized').detail, new RequestError('unauthorized').cause], [undefined, undefined])
})

t.test('codes are lower case words that a program can compare with', async (t) => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) t.match(code, /^[a-z]+(_[a-z]+)*$/)
})
