import type { CodeVendor } from '../domain/code-maker.ts'
import type { Channel } from '../domain/message.ts'
import type { CodeOwner, Provider } from '../providers/provider.ts'
import type { Circuits } from './circuits.ts'

/** The providers of one channel, by name, in the order in which the operator wants them tried. */
export interface Route {
  readonly names: readonly string[]
  /** Routes of some countries, by ISO code. */
  readonly byCountry: ReadonlyMap<string, readonly string[]>
}

export interface PlanDeps {
  readonly providers: readonly Provider[]
  /** Vendors that make codes themselves. */
  readonly codeOwners: ReadonlyArray<Pick<CodeOwner, 'name' | 'providers'>>
  readonly routes: Readonly<Record<Channel, Route>>
  readonly circuits: Circuits
}

/** Says which providers a message is to be tried by, in order. */
export interface Plan {
  /**
   * For a new message to that country, as things are now. `hasCode`: whether there is a code in it. What a vendor has made
   * nobody else could send.
   */
  for (channel: Channel, country: string | undefined, hasCode: boolean, codeMaker?: CodeVendor): readonly Provider[]
  /** Which of the providers that are left a message tries next: things change while it is under way. */
  next (left: readonly Provider[]): Provider | undefined
  /** For a message that is sent once more: by the same providers, beginning behind the one that had it last. */
  again (channel: Channel, names: readonly string[], last: string | undefined): readonly Provider[]
}

export const createPlan = ({ providers, codeOwners, routes, circuits }: PlanDeps): Plan => {
  const named = (channel: Channel, names: readonly string[]): readonly Provider[] =>
    names.flatMap((name) => providers.filter((provider) => provider.channel === channel && provider.name === name))

  return {
    for (channel, country, hasCode, codeMaker) {
      if (codeMaker !== undefined) {
        return codeOwners.flatMap((owner) => owner.name === codeMaker ? owner.providers : []).filter((provider) => provider.channel === channel)
      }
      const { names, byCountry } = routes[channel]
      const all = named(channel, byCountry.get(country ?? '') ?? names)
      return circuits.order(all.filter(({ needsCode }) => hasCode || !needsCode))
    },
    next: (left) => circuits.order(left)[0],
    again (channel, names, last) {
      const next = last === undefined ? 0 : names.indexOf(last) + 1
      return circuits.order(named(channel, [...names.slice(next), ...names.slice(0, next)]))
    }
  }
}
