import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readConfig, SettingsWrong } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { temporaryFolder } from '../support/folder.ts'
import { PRODUCTION } from './environments.ts'

const HOOKS = JSON.stringify({ one: { preset: 'logto' }, two: { fields: { number: 'to', code: 'code' } } })

const problemsIn = (environment: Environment, folder: string): string[] => {
  try {
    readConfig(environment, folder)
    return []
  } catch (error) {
    if (!(error instanceof SettingsWrong)) throw error
    return error.message.split('\n').slice(1).map((line) => line.replace('  - ', ''))
  }
}

const namesIn = (environment: Environment, folder: string): string[] =>
  readConfig({ ...PRODUCTION, ...environment }, folder).hooks.settings.generic.map(({ name }) => name)

t.test('without a hooks file there are no hooks of one\'s own', async (t) => {
  t.same(namesIn({}, '/srv'), [])
  t.same(namesIn({ HOOKS_FILE: ' ' }, '/srv'), [])
})

t.test('a relative path begins at the folder, an absolute one does not', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'inner'))
  writeFileSync(join(folder, 'inner', 'hooks.json'), HOOKS)
  t.same(namesIn({ HOOKS_FILE: 'inner/hooks.json' }, folder), ['one', 'two'])
  t.same(namesIn({ HOOKS_FILE: 'hooks.json' }, join(folder, 'inner')), ['one', 'two'])
  t.same(namesIn({ HOOKS_FILE: join(folder, 'inner', 'hooks.json') }, '/srv'), ['one', 'two'])
})

t.test('a file that cannot be read stops the start', async (t) => {
  const folder = temporaryFolder(t)
  for (const file of ['nothing-here.json', '.', 'nothing/here.json']) {
    t.same(problemsIn({ ...PRODUCTION, HOOKS_FILE: file }, folder), ['HOOKS_FILE must name a file that can be read.'], file)
  }
})

t.test('what is wrong in the file is told along with all other problems', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'hooks.json'), JSON.stringify({
    one: { fields: { number: 'to' }, budgetMs: 'a-value' },
    two: { preset: 'authgear', authentication: { secrets: ['$AUTHGEAR_WEBHOOK_SECRET'] } }
  }))
  const problems = problemsIn({ ...PRODUCTION, PORT: 'a-value', SECRET_HEADER: 'short', HOOKS_FILE: 'hooks.json' }, folder)
  t.match(problems.join('\n'), /^PORT must be .*$/m)
  t.match(problems.join('\n'), /^SECRET_HEADER must have at least 16 characters in production\.$/m)
  t.same(problems.filter((problem) => problem.startsWith('HOOKS_FILE')), [
    'HOOKS_FILE: one: budgetMs must be a whole number from 500 to 60000.',
    'HOOKS_FILE: one: fields.code or fields.text must say where the code is, or the text.',
    'HOOKS_FILE: two: authentication.secrets needs the environment variable AUTHGEAR_WEBHOOK_SECRET, which is not set.'
  ])
  t.notMatch(problems.join('\n'), /a-value/)
})

t.test('a file that is no JSON stops the start', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'hooks.json'), '{\n  "one": {}, // a comment\n}')
  t.same(problemsIn({ ...PRODUCTION, HOOKS_FILE: 'hooks.json' }, folder), [
    'HOOKS_FILE must be JSON: an object that has the hooks by name. What stands in line 2 is not expected there.'
  ])
})

t.test('secrets of the file may come from the environment, and must be long enough in production', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'hooks.json'), JSON.stringify({ two: { preset: 'authgear', authentication: { secrets: ['$AUTHGEAR_WEBHOOK_SECRET'] } } }))
  t.same(problemsIn({ ...PRODUCTION, HOOKS_FILE: 'hooks.json', AUTHGEAR_WEBHOOK_SECRET: 'a-long-enough-secret' }, folder), [])
  t.same(problemsIn({ ...PRODUCTION, HOOKS_FILE: 'hooks.json', AUTHGEAR_WEBHOOK_SECRET: 'short' }, folder),
    ['HOOKS_FILE: two: authentication.secrets must have at least 16 characters each in production.'])
})
