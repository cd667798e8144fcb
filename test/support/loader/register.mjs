// Lets Node load TypeScript: `node --import=./test/support/loader/register.mjs file.ts`. For tests only.
import { register } from 'node:module'

register('./hooks.mjs', import.meta.url)
