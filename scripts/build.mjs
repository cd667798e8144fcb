// npm run build: makes dist anew from src.
import { build } from './project.mjs'

process.exitCode = await build()
