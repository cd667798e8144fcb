/**
 * The end of a text by which browsers on the page of a host fill the code in; nothing where there is no host. It must be the
 * last line. https://wicg.github.io/sms-one-time-codes/
 */
export const webOtpLine = (host: string | undefined, code: string): string => host === undefined ? '' : `\n\n@${host} #${code}`
