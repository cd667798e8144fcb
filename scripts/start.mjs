// npm start: runs the gateway, building it first where dist is missing or older than the sources.
import { root, runBuilt } from './project.mjs'

// The gateway reads .env and keeps its data where it is started: as with npm start, that is the project.
process.chdir(root)
await runBuilt('server')
