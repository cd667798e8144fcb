const ROOT = new URL('../../', import.meta.url).href

/** The arguments by which a Node process, started anywhere, loads TypeScript as this one does. */
export const nodeArguments: readonly string[] = process.execArgv.map((argument) => argument.replace('--import=./', `--import=${ROOT}`))
