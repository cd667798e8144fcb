/** `key=value,…`, as in settings of OpenTelemetry: values may be encoded as in a URL. What is no pair is left out. https://www.w3.org/TR/baggage/#header-content */
export const pairsOf = (text = ''): Record<string, string> => Object.fromEntries(text.split(',').flatMap((pair) => {
  const [, key, value = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
  const decoded = decode(value)
  return key === undefined || /[^\x20-\x7e]/.test(decoded) ? [] : [[key, decoded]]
}))

const decode = (value: string): string => {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
