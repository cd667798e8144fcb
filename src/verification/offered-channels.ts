import type { Plan } from '../delivery/plan.ts'
import { codeVendorOf, type CodeMaker } from '../domain/code-maker.ts'
import type { Channel } from '../domain/message.ts'
import type { Profile } from '../domain/verification.ts'

/** Whether somebody is there who sends codes of that maker by that channel, to that country. */
export const canSend = (plan: Pick<Plan, 'for'>, codeMaker: CodeMaker, channel: Channel, country: string | undefined): boolean =>
  plan.for(channel, country, codeMaker === 'gateway', codeVendorOf(codeMaker)).length > 0

/** By which channels of a profile a code may be asked for now, to that country. */
export type OfferedChannels = (profile: Pick<Profile, 'channels' | 'codeMaker'>, country: string | undefined) => readonly Channel[]

export const createOfferedChannels = ({ plan }: { readonly plan: Pick<Plan, 'for'> }): OfferedChannels => ({ channels, codeMaker }, country) =>
  channels.filter((channel) => canSend(plan, codeMaker, channel, country))
