import { areaKey, blockKey, countryKey, routeKey, type Counts, type Place } from '../store/traffic.ts'
import type { Tally } from './tally.ts'

/** A way by which messages go to a country. */
export interface Route {
  readonly provider: string
  readonly channel: string
  readonly country: string | undefined
}

/** Counts what happens to messages. Moments, milliseconds since 1970, are those at which a message was sent. */
export interface Meter {
  /** A provider took a message. */
  accepted (route: Route, at: number): void
  /** A vendor told, unasked, how a message ended. */
  reported (route: Route, at: number): void
  /** A message was sent, or may have been. */
  sent (place: Place): void
  delivered (place: Place): void
  /** A code was used. */
  used (place: Place): void
}

/** Ranges of numbers are counted only where somebody judges by it. */
export const createMeter = (tally: Pick<Tally, 'note'>, { withRanges }: { readonly withRanges: boolean }): Meter => {
  const noteRoute = ({ provider, channel, country }: Route, at: number, counts: Partial<Counts>): void => {
    tally.note(routeKey(provider, channel, country), at, counts)
  }

  const notePlace = (place: Place, counts: Partial<Counts>): void => {
    for (const key of withRanges ? keysOf(place) : []) tally.note(key, place.sentAt, counts)
  }

  return {
    accepted (route, at) { noteRoute(route, at, { sent: 1 }) },
    reported (route, at) { noteRoute(route, at, { reported: 1 }) },
    sent (place) { notePlace(place, { sent: 1 }) },
    delivered (place) { notePlace(place, { delivered: 1 }) },
    used (place) { notePlace(place, { used: 1 }) }
  }
}

/** Nothing is known of the ranges of a message that was sent before they were noted. */
const keysOf = ({ country, area, block }: Place): string[] => {
  if (area === undefined || block === undefined) return []
  return [blockKey(block), areaKey(area), ...(country === undefined ? [] : [countryKey(country)])]
}
