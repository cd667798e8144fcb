import { readFileSync } from 'node:fs'

/** What a `.gitignore` has, and behind it the lines that it lacks. */
export const withLines = (file: string, lines: string): string => {
  const present = readFileSync(file, 'utf8')
  const known = new Set(present.split('\n').map((line) => line.trim()))
  const missing = lines.split('\n').filter((line) => line !== '' && !known.has(line))
  if (missing.length === 0) return present
  return `${present}${present === '' || present.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`
}
