import type { VerificationRecord } from '../../src/store/verifications.ts'

/** A verification that has ended, unless the options say otherwise. */
export const recordOf = (options: Partial<VerificationRecord> = {}): VerificationRecord => ({
  id: '01a1fcb4-ecf7-7bfb-b82b-76fc54041a31',
  caller: 'shop',
  starter: 'digest of the starter',
  profile: 'login',
  codeId: '01a1fcb4-ecf7-7bfb-b82b-76fc54041a31',
  codeMaker: 'gateway',
  isDecoy: false,
  status: 'approved',
  numberDigest: 'digest of the number',
  numberMasked: '+1••••••0123',
  country: 'US',
  sealedNumber: 'sealed number',
  sealed: undefined,
  channel: 'sms',
  attemptsLeft: 5,
  sends: 1,
  maxSends: 4,
  resendAt: Date.UTC(2026, 10, 21, 12, 0, 30),
  message: 'sent',
  messageReason: undefined,
  deliveries: [],
  askedHash: undefined,
  createdAt: Date.UTC(2026, 10, 21, 12),
  sentAt: Date.UTC(2026, 10, 21, 12),
  expiresAt: Date.UTC(2026, 10, 21, 12, 5),
  endedAt: Date.UTC(2026, 10, 21, 12, 1),
  now: Date.UTC(2026, 10, 21, 12, 2),
  ...options
})
