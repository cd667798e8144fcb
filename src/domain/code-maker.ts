/** Who may make the codes of a profile: the gateway, or a vendor that checks them too. */
export const CODE_MAKERS = ['gateway', 'twilio-verify'] as const

export type CodeMaker = typeof CODE_MAKERS[number]

/** A vendor that makes codes. */
export type CodeVendor = Exclude<CodeMaker, 'gateway'>

/** The vendor that makes the code, where one does. */
export const codeVendorOf = (codeMaker: CodeMaker): CodeVendor | undefined => codeMaker === 'gateway' ? undefined : codeMaker

/**
 * So often a vendor checks a code that it has made, and so often it sends it.
 * https://www.twilio.com/docs/api/errors/60202 https://www.twilio.com/docs/api/errors/60203
 */
export const MOST_AT_VENDOR = 5
