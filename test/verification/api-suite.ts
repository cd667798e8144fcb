import { browsers } from './suite/browsers.ts'
import { checking } from './suite/checking.ts'
import { resending } from './suite/resending.ts'
import { secrecy } from './suite/secrecy.ts'
import { sending } from './suite/sending.ts'
import { starting } from './suite/starting.ts'
import { strangers } from './suite/strangers.ts'

/** The whole of the API, for each engine to run; in two parts, which take about as long. */
export const ENTERING = { checking, browsers, secrecy }
export const ASKING = { starting, sending, resending, strangers }
