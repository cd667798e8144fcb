import type { Requester } from '../domain/message.ts'
import { SensitiveText } from '../domain/sensitive.ts'

/** For whom something is asked, as it is written down to be sealed. */
export interface WrittenRequester {
  readonly ip?: string
  readonly user?: string
}

export const writeRequester = ({ ip, user }: Requester): WrittenRequester =>
  ({ ...ip && { ip: ip.reveal() }, ...user && { user: user.reveal() } })

export const readRequester = ({ ip, user }: WrittenRequester): Requester => ({ ip: hidden(ip), user: hidden(user) })

const hidden = (text: string | undefined): SensitiveText | undefined => text === undefined ? undefined : new SensitiveText(text)
