import { randomInt } from 'node:crypto'

/** That many digits, each as likely as any other, and none to be told from those before. */
export const randomDigits = (length: number): string => Array.from({ length }, () => randomInt(10)).join('')
