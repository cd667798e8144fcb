/** What every engine of the store must do with codes of our own, as in `suite.ts`. */
export { testKeptGuesses } from './suite/verifications-kept-guesses.ts'
export { testVerificationChecks } from './suite/verifications-checks.ts'
export { testVerificationMessages } from './suite/verifications-messages.ts'
export { testVerificationRaces } from './suite/verifications-races.ts'
export { testVerificationUpkeep } from './suite/verifications-upkeep.ts'
export { testVerifications } from './suite/verifications.ts'
