import type { ResultInformation } from './records.ts'
import { azureError, type Refusal } from './refusal.ts'
import { MEDIA_RESULTS } from './result-information.ts'
import { hearSsml, type SpeechSegment } from './ssml.ts'

/** A play source as it comes on the wire. */
export interface WirePlaySource {
  readonly kind?: unknown
  readonly text?: { readonly text?: unknown, readonly sourceLocale?: unknown, readonly voiceName?: unknown, readonly voiceKind?: unknown }
  readonly ssml?: { readonly ssmlText?: unknown }
  readonly file?: { readonly uri?: unknown }
}

/** What somebody would hear of a source, or the problem that the speech service would find with it. */
export interface HeardSource {
  /** As the gateway sent it. */
  readonly raw: string
  readonly speech: readonly SpeechSegment[]
  readonly problem?: ResultInformation
}

/** The voices that are spoken with, since they name their language first: `en-US-JennyNeural`. */
const localeOf = (voice: string): string | undefined => /^[a-z]{2,3}(?:-[A-Za-z]+)*(?=-[A-Z][A-Za-z]*Neural$)/.exec(voice)?.[0]

const hearText = ({ text, sourceLocale, voiceName, voiceKind }: NonNullable<WirePlaySource['text']>): HeardSource => {
  const raw = String(text ?? '')
  const locale = typeof voiceName === 'string' ? localeOf(voiceName) : voiceKind !== undefined && sourceLocale
  if (raw.trim() === '') return { raw, speech: [], problem: MEDIA_RESULTS.emptyText }
  if (typeof locale !== 'string') return { raw, speech: [], problem: MEDIA_RESULTS.badSpeech }
  return { raw, speech: [{ kind: 'say', text: raw, locale, rate: 1 }] }
}

const hearDocument = (raw: string): HeardSource => {
  if (raw.trim() === '') return { raw, speech: [], problem: MEDIA_RESULTS.emptyText }
  const speech = hearSsml(raw)
  return speech === undefined ? { raw, speech: [], problem: MEDIA_RESULTS.badSpeech } : { raw, speech }
}

/** Reads a source. Speech needs a speech service, and `speaks` says whether the call was set up with one. */
export const hearSource = (source: WirePlaySource | null | undefined, speaks: boolean): HeardSource | Refusal => {
  switch (source?.kind) {
    case 'file':
      return typeof source.file?.uri === 'string'
        ? { raw: source.file.uri, speech: [] }
        : azureError(400, 'BadRequest', 'The field File is invalid.')
    case 'text':
    case 'ssml':
      if (!speaks) {
        return azureError(400, '8501', 'Request not allowed when Cognitive Service Configuration not set during call setup')
      }
      return source.kind === 'text' ? hearText(source.text ?? {}) : hearDocument(String(source.ssml?.ssmlText ?? ''))
    default:
      return azureError(400, 'BadRequest', 'The field PlaySources is invalid.')
  }
}
