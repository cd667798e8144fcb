/** About so many characters something has as JSON; what has no end is not to be asked about. */
export const roughSize = (value: unknown): number => {
  if (typeof value === 'string') return value.length + 3
  if (typeof value !== 'object' || value === null) return 8
  let size = 2
  if (Array.isArray(value)) {
    for (const item of value) size += roughSize(item)
    return size
  }
  for (const [name, item] of Object.entries(value)) size += name.length + 4 + roughSize(item)
  return size
}
