const LIMIT = 1_000

/** The list with one more at its end, and only its last 1,000. */
export const append = <Item>(list: readonly Item[], ...items: Item[]): Item[] => [...list, ...items].slice(-LIMIT)

/** Puts an entry into the map, and drops the oldest beyond 1,000. */
export const remember = <Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void => {
  map.set(key, value)
  if (map.size > LIMIT) map.delete(map.keys().next().value!)
}
