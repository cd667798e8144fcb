import type { Requester } from '../domain/message.ts'
import { hidden } from '../domain/sensitive.ts'

/** For whom something is asked, as it is written down to be sealed. */
export interface WrittenRequester {
  readonly ip?: string
  readonly user?: string
}

export const writeRequester = ({ ip, user }: Requester): WrittenRequester =>
  ({ ...ip && { ip: ip.reveal() }, ...user && { user: user.reveal() } })

export const readRequester = ({ ip, user }: WrittenRequester): Requester => ({ ip: hidden(ip), user: hidden(user) })
