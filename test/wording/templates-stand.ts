import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Profile } from '../../src/domain/verification.ts'
import { readTemplates, type ReadTemplates, type TemplateOptions } from '../../src/wording/templates.ts'
import { temporaryFolder } from '../support/folder.ts'

/** A profile with what matters to a test. */
export const profileOf = (changes: Partial<Profile> = {}): Profile => ({
  name: 'login',
  purpose: 'login',
  channels: ['sms', 'voice'],
  codeLength: 6,
  lifetime: 300_000,
  maxAttempts: 5,
  cooldown: 30_000,
  maxSends: 4,
  codeMaker: 'gateway',
  ...changes
})

/** A folder with files. */
export const folderWith = (t: Test, files: Readonly<Record<string, string | Buffer>>): string => {
  const folder = temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

/** Reads templates: ours, and those files beside them. */
export const readWith = (t: Test, files: Readonly<Record<string, string | Buffer>>, changes: Partial<TemplateOptions> = {}): ReadTemplates =>
  readTemplates({ folder: folderWith(t, files), base: '/nowhere', profiles: [profileOf()], brand: undefined, domain: undefined, ...changes })

/** Ours alone. */
export const readOurs = (changes: Partial<TemplateOptions> = {}): ReadTemplates =>
  readTemplates({ folder: undefined, base: '/nowhere', profiles: [profileOf()], brand: undefined, domain: undefined, ...changes })
