import { Liquid, type Template as Parsed } from 'liquidjs'
import { plural } from './plural.ts'

/** What stands in a template. */
export interface TemplateVariables {
  /** `login`, `signup` or any other. */
  readonly purpose: string
  readonly code: string
  readonly minutes: number
  readonly brand: string | undefined
}

/** A template of one language. */
export interface Template {
  /** Renders the words, without the white space around them. Throws `TemplateFault`; given milliseconds, also where it takes longer. */
  render (variables: TemplateVariables, withinMs?: number): string
}

/** What is wrong with a template: part of a sentence, and the line where it is known. */
export class TemplateFault extends Error {
  readonly line: number | undefined

  constructor (says: string, line?: number) {
    super(says)
    this.name = 'TemplateFault'
    this.line = line
  }
}

const VARIABLES: ReadonlySet<string> = new Set(['brand', 'code', 'minutes', 'purpose'] satisfies Array<keyof TemplateVariables>)

// Bytes of a template, and what a rendering may allocate, as Liquid counts it.
const LARGEST = 16_384
const MOST_MEMORY = 100_000

// A template has no other template beside it, and reads no file.
const TAGS_OF_FILES = ['include', 'render', 'layout', 'block']

const createLiquid = (): Liquid => {
  const liquid = new Liquid({ strictVariables: true, strictFilters: true, ownPropertyOnly: true, dynamicPartials: false, templates: {}, parseLimit: LARGEST, memoryLimit: MOST_MEMORY })
  for (const name of TAGS_OF_FILES) Reflect.deleteProperty(liquid.tags, name)
  liquid.registerFilter('plural', function (count: unknown, ...forms: unknown[]) {
    return plural((this.context.globals as { readonly language: string }).language, count, forms)
  })
  return liquid
}

const LIQUID = createLiquid()

/** Reads a template. Throws `TemplateFault` where it is broken, or names a variable, filter or tag that is not there. */
export const parseTemplate = (source: string, language: string): Template => {
  const parsed = telling(() => parse(source))
  return {
    render: ({ purpose, code, minutes, brand }, withinMs = Infinity) => {
      // Made anew: a template may change what it is given. Nothing is false in Liquid but `nil`, not even an empty text.
      const scope = { purpose, code, minutes, brand: brand ?? null }
      const words: unknown = telling(() => LIQUID.renderSync(parsed, scope, { globals: { language }, renderLimit: withinMs }))
      return String(words).trim()
    }
  }
}

/** All variables are looked at, those too that only some messages would have come upon. */
const parse = (source: string): Parsed[] => {
  const parsed = LIQUID.parse(source)
  const named = Object.entries(LIQUID.analyzeSync(parsed, { partials: false }).globals)
  for (const [name, [place]] of named) {
    if (!VARIABLES.has(name)) throw new TemplateFault(`there is no variable ${shortened(name)}, but ${[...VARIABLES].join(', ')}`, place?.location.row)
  }
  return parsed
}

const telling = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw error instanceof TemplateFault ? error : faultOf(error as LiquidFailure)
  }
}

/** As Liquid throws it: its own errors have a place, and that at the end of their message. */
interface LiquidFailure extends Error {
  readonly token?: { getPosition (): [row: number, column: number] }
}

const faultOf = ({ message, token }: LiquidFailure): TemplateFault =>
  new TemplateFault(shortened(message.replace(/, line:[0-9]+, col:[0-9]+$/, '')), token?.getPosition()[0])

const shortened = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 120)
