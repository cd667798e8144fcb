/** The fields of a request, as they came. */
export type Form = URLSearchParams

/** The fields of a request, of which one without a form has none. */
export const formOf = (body: unknown): Form => body instanceof URLSearchParams ? body : new URLSearchParams()

/** The fields as the records keep them. */
export const fieldsOf = (form: Form): Readonly<Record<string, string>> =>
  Object.fromEntries([...new Set(form.keys())].map(name => [name, form.getAll(name).join(' ')]))

/** The field, or `undefined` where there is none or it is empty. */
export const field = (form: Form, name: string): string | undefined => form.get(name) || undefined

/** The same as a property, to be spread into an object. */
export const optional = <Name extends string, Value>(name: Name, value: Value | undefined): { [name in Name]?: Value } =>
  value === undefined ? {} : { [name]: value } as { [name in Name]?: Value }

/** RFC 2822, as Twilio's older resources write time. */
export const longDate = (iso: string): string => new Date(iso).toUTCString().replace('GMT', '+0000')
