/** Thrown by `Deadline.bound` when the time is up before the work is done. The work itself may still go on. */
export class DeadlinePassed extends Error {
  constructor () {
    super('the deadline has passed')
    this.name = 'DeadlinePassed'
  }
}

/** The moment by which an answer must be given. It is made at the edge and handed down to all that is awaited. */
export class Deadline {
  readonly #at: number

  private constructor (at: number) {
    this.#at = at
  }

  /** A deadline that many milliseconds from now. */
  static in (milliseconds: number): Deadline {
    return new Deadline(performance.now() + milliseconds)
  }

  /** Milliseconds left; 0 when the deadline has passed. */
  get remaining (): number {
    return Math.max(0, this.#at - performance.now())
  }

  /** An earlier deadline, which leaves that many milliseconds for what comes after. */
  earlier (milliseconds: number): Deadline {
    return new Deadline(this.#at - milliseconds)
  }

  /** A deadline by which that share of what is left has passed: 0 is now, 1 is this deadline. */
  share (part: number): Deadline {
    return this.earlier(this.remaining * (1 - part))
  }

  /** Settles as the work does, or rejects with `DeadlinePassed` when the time is up first. */
  async bound<T> (work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new DeadlinePassed()), this.remaining)
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
