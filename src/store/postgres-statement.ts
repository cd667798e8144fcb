import { SKIP_LOCKED, type SqlValue, type Step } from './sql.ts'

/** The database's own clock, in milliseconds since 1970; the same for all steps of a unit. */
const DATABASE_NOW = '(CAST(EXTRACT(EPOCH FROM transaction_timestamp()) * 1000 AS BIGINT))'

/** A statement as PostgreSQL takes it. */
export interface Prepared {
  /** By which a connection keeps it prepared. */
  readonly name: string
  readonly text: string
  /** The values for its parameters, in order. Throws where one is missing. */
  readonly valuesOf: (parameters: Step['parameters']) => SqlValue[]
}

/**
 * Turns the statements of the port into PostgreSQL's: `:name` becomes `$1`, and the marker of locks its clause. `:now`
 * is the database's clock, unless the parameters hold another one.
 */
export const createPrepare = (clock: 'database' | 'parameter'): ((text: string) => Prepared) => {
  const prepared = new Map<string, Prepared>()
  return (text) => {
    const known = prepared.get(text)
    if (known !== undefined) return known
    const made = translate(text, `step_${prepared.size + 1}`, clock)
    prepared.set(text, made)
    return made
  }
}

const translate = (text: string, name: string, clock: 'database' | 'parameter'): Prepared => {
  const names: string[] = []
  const place = (parameter: string): string => {
    if (!names.includes(parameter)) names.push(parameter)
    return `$${names.indexOf(parameter) + 1}`
  }
  return {
    name,
    text: text
      .replaceAll(SKIP_LOCKED, 'FOR UPDATE SKIP LOCKED')
      .replaceAll(/:([A-Za-z][A-Za-z0-9]*)/g, (_match, parameter: string) => {
        if (parameter !== 'now') return place(parameter)
        return clock === 'database' ? DATABASE_NOW : `CAST(${place('now')} AS BIGINT)`
      }),
    valuesOf: (parameters) => names.map((parameter) => {
      const value = parameters[parameter]
      if (value === undefined) throw new TypeError(`the statement has no ${parameter}`)
      return value
    })
  }
}
