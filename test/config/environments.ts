import { readConfig, SettingsWrong, type Config } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'

export const KEY = Buffer.alloc(32, 1).toString('base64')
export const ACS = 'endpoint=https://unit.communication.azure.com/;accesskey=c2VjcmV0'

/** Settings with which production starts. */
export const PRODUCTION: Environment = {
  NODE_ENV: 'production',
  SECRET_HEADER: 'a-long-enough-secret',
  GATEWAY_KEYS: KEY,
  EVENT_GRID_SECRET: 'another-long-secret',
  ACS_CONNECTION_STRING: ACS,
  ACS_SENDER_ID: '+15550100001',
  BUDGET_TOTAL: '100000/1d'
}

/** What calls of Azure need besides. */
export const VOICE: Environment = {
  ACS_SOURCE_PHONE_NUMBER: '+15550100001, +15550100002',
  ACS_COGNITIVE_SERVICES_ENDPOINT: 'https://unit.cognitiveservices.azure.com/',
  PUBLIC_URL: 'https://codes.example.com/'
}

export const production = (changes: Environment = {}): Config => readConfig({ ...PRODUCTION, ...changes }, '/srv')

/** The lines that a wrong environment is answered with. */
export const problemsOf = (environment: Environment): string[] => {
  try {
    readConfig(environment, '/srv')
    return []
  } catch (error) {
    if (!(error instanceof SettingsWrong)) throw error
    return error.message.split('\n').slice(1).map((line) => line.replace('  - ', ''))
  }
}

export const productionProblems = (changes: Environment): string[] => problemsOf({ ...PRODUCTION, ...changes })

/** Thirty-two hexadecimal digits, as Twilio's names have them. */
export const hex = (digit: string): string => digit.repeat(32)

/** Twilio with a token and a number, which send texts and calls. */
export const TWILIO: Environment = {
  TWILIO_ACCOUNT_SID: `AC${hex('a')}`,
  TWILIO_AUTH_TOKEN: hex('1'),
  TWILIO_PHONE_NUMBER: '+15550200001'
}

/** Production that knows nothing of Azure. */
export const TWILIO_ALONE: Environment = { NODE_ENV: 'production', SECRET_HEADER: 'a-long-enough-secret', GATEWAY_KEYS: KEY, DEFAULT_COUNTRY: 'US', BUDGET_TOTAL: '100000/1d', ...TWILIO }
