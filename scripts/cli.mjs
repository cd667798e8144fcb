#!/usr/bin/env node
// npx phone-code-gateway: the command line, built first where dist is missing or older than the sources. It stays in the
// directory where it is typed: .env is read there, and files are written there.
import { runBuilt } from './project.mjs'

await runBuilt('cli')
