/**
 * What the gateway says in one language, in the register that the language uses for such messages. The words fit any
 * code, of digits or of letters, and name no sender.
 */
export interface Phrases {
  /** The text message: `{code}` stands for the code, once. With a code of 10 it is one segment: 160 of GSM-7, else 70. */
  readonly codeText: string
  /** Leads up to the code, which is spelled right after it. */
  readonly codeSpeech: string
  /** Leads up to the code when it is said once more. */
  readonly again: string
  /** Greets whoever picks up, says what the call is, and asks for a key: the one who hears it may expect no call. */
  readonly pressKey: string
  /** Offers the code once more, right after it was said. */
  readonly pressToRepeat: string
  /** Ends an announcement. */
  readonly goodbye: string
  /** Tells somebody who calls the gateway's own number what it is for. */
  readonly thisNumber: string
}
