import type { View } from '../verification/service.ts'

/** A verification as everybody is told of it who may see it. `base` is the path below which the routes are reached. */
export const verificationReply = (view: View, base: string): object => {
  const self = `${base}/verifications/${view.id}`
  return {
    id: view.id,
    status: view.status,
    profile: view.profile,
    channel: view.channel,
    number: view.number,
    to: view.to?.e164,
    reference: view.reference,
    codeLength: view.codeLength,
    attemptsLeft: view.attemptsLeft,
    sendsLeft: view.sendsLeft,
    resendAt: moment(view.resendAt),
    message: view.message,
    createdAt: moment(view.createdAt),
    expiresAt: moment(view.expiresAt),
    endedAt: view.endedAt === undefined ? undefined : moment(view.endedAt),
    now: moment(view.now),
    deliveries: view.deliveries,
    result: view.result,
    links: { status: self, check: `${self}/check`, resend: `${self}/resend`, cancel: self }
  }
}

/** A moment as JSON has it. */
export const moment = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** What a header presents as a bearer token; empty where it is none. */
export const bearerOf = (header = ''): string => /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(header)?.[1] ?? ''

/** The path below which the outside reaches the routes: that of `PUBLIC_URL`, which a proxy may leave or take away. */
export const basePathOf = (publicUrl: URL | undefined): string => publicUrl?.pathname.replace(/\/$/, '') ?? ''
