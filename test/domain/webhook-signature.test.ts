import t from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { signedHeaders } from '../../src/domain/webhook-signature.ts'

/** That of the specification's reference libraries: https://github.com/standard-webhooks/standard-webhooks/tree/main/libraries */
const SECRET = new SensitiveText('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')
const MESSAGE = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', secrets: [SECRET], now: 1_614_265_330_999 }

t.test('a message is signed as the specification\'s own libraries do', async (t) => {
  t.same(signedHeaders(MESSAGE), {
    'content-type': 'application/json',
    'user-agent': 'phone-code-gateway',
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
  })
})
