/** What messages cost. */
export interface Prices {
  /** By `provider`, or by `provider:COUNTRY`, which comes first. */
  readonly each: ReadonlyMap<string, number>
  /** ISO 4217: `USD`. */
  readonly currency: string
}

/** What so many messages by that provider to that country cost; `undefined` where nobody has said. */
export const costOf = ({ each }: Pick<Prices, 'each'>, provider: string, country: string, sent: number): number | undefined => {
  const price = each.get(`${provider}:${country}`) ?? each.get(provider)
  return price === undefined ? undefined : price * sent
}
