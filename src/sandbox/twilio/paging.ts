const PAGE = 50
const LONGEST_PAGE = 1_000

/** A page of a list. */
export interface ListPage<Item> {
  readonly items: readonly Item[]
  /** Its number, as it was asked for. */
  readonly number: number
  readonly size: number
  /** What the URL of the next page asks for; absent where this is the last one. */
  readonly next: URLSearchParams | undefined
}

/**
 * Cuts a page out of a list, as `PageSize` and `PageToken` want it. A token names the last item of the page before, so
 * that what is added meanwhile shifts nothing. https://www.twilio.com/docs/usage/twilios-response#pagination
 */
export const pageOf = <Item extends { readonly sid: string }>(all: readonly Item[], query: URLSearchParams): ListPage<Item> => {
  const size = Math.min(LONGEST_PAGE, Math.max(1, Number(query.get('PageSize') ?? PAGE) || PAGE))
  const number = Number(query.get('Page') ?? 0) || 0
  const token = query.get('PageToken')
  const start = token === null ? 0 : all.findIndex(({ sid }) => token === `PA${sid}`) + 1
  const items = all.slice(start, start + size)
  if (start + size >= all.length) return { items, number, size, next: undefined }
  const next = new URLSearchParams(query)
  next.set('Page', String(number + 1))
  next.set('PageToken', `PA${items.at(-1)!.sid}`)
  return { items, number, size, next }
}

/** A page in the shape of Twilio's older resources; `name` is that of the list. */
export const olderPage = <Item extends { readonly sid: string }>(name: string, all: readonly Item[], url: string): Readonly<Record<string, unknown>> => {
  const [path, search = ''] = url.split('?', 2)
  const { items, number, size, next } = pageOf(all, new URLSearchParams(search))
  return {
    [name]: items,
    uri: url,
    first_page_uri: url,
    next_page_uri: next === undefined ? null : `${path}?${next}`,
    previous_page_uri: null,
    page: number,
    page_size: size,
    start: number * size,
    end: number * size + items.length - 1
  }
}

/**
 * Whether a moment is on the days that a query asks for by `name`, `name<` and `name>`, which count whole days in GMT.
 * What has no moment yet is on none.
 */
export const isOnDays = (name: string, moment: string | undefined, query: URLSearchParams): boolean => {
  const [on, until, from] = ['', '<', '>'].map(sign => query.get(name + sign)?.slice(0, 10))
  if (on === undefined && until === undefined && from === undefined) return true
  const day = moment?.slice(0, 10)
  return day !== undefined && (on ?? day) === day && day <= (until ?? day) && day >= (from ?? day)
}
