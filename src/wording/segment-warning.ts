import { minutesOf } from './minutes.ts'
import { textLength } from './segments.ts'
import { sampleCode, type TrialConditions } from './template-trial.ts'
import type { TemplateVariables } from './liquid.ts'
import { webOtpLine } from './web-otp.ts'

/** The texts that are counted. */
interface Texts {
  readonly tags: readonly string[]
  render (kind: 'text', tag: string, variables: TemplateVariables): string
}

/** One line for all languages whose texts are sent as more than one segment, each in the longest of its profiles; else none. */
export const warnOfSegments = ({ tags, render }: Texts, { profiles, brand, domain }: TrialConditions): string[] => {
  const sent = profiles.filter(({ channels, codeMaker }) => channels.includes('sms') && codeMaker === 'gateway')
  const segmentsOf = (tag: string): number => Math.max(0, ...sent.map(({ purpose, codeLength, lifetime }) => {
    const code = sampleCode(codeLength).reveal()
    return textLength(`${render('text', tag, { purpose, code, minutes: minutesOf(lifetime), brand })}${webOtpLine(domain, code)}`).segments
  }))
  const bySegments = new Map<number, string[]>()
  for (const tag of tags) {
    const segments = segmentsOf(tag)
    if (segments > 1) bySegments.set(segments, [...bySegments.get(segments) ?? [], tag])
  }
  if (bySegments.size === 0) return []
  const groups = [...bySegments].sort(([one], [other]) => one - other).map(([segments, tags]) => `${segments} segments: ${tags.join(', ')}`)
  return [`Texts of these languages take more than one segment, and are charged as that many (phone-code-gateway wording shows them). ${groups.join('; ')}.`]
}
