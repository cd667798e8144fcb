import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler, type Sampler } from '@opentelemetry/sdk-trace-base'

const PARENT_BASED = 'parentbased_'

/**
 * The sampler of that name. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ `share` is how
 * much is traced, from 0 to 1, where it goes by that; a name that is not known traces all.
 */
export const samplerOf = (name: string, share = 1): Sampler => {
  if (name.startsWith(PARENT_BASED)) return new ParentBasedSampler({ root: samplerOf(name.slice(PARENT_BASED.length), share) })
  if (name === 'always_off') return new AlwaysOffSampler()
  return name === 'traceidratio' ? new TraceIdRatioBasedSampler(share) : new AlwaysOnSampler()
}
