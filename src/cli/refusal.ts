/** Why a command does nothing, in words for whoever typed it. They hold no secret. */
export class Refusal extends Error {
  /** 2: the command was typed wrong. 1: it cannot be done. */
  readonly exitCode: 1 | 2

  constructor (message: string, exitCode: 1 | 2) {
    super(message)
    this.name = 'Refusal'
    this.exitCode = exitCode
  }
}
