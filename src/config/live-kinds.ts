import { Type } from 'typebox'
import { isCountry } from '../domain/phone-number.ts'
import { kind, list, type Kind } from './kinds.ts'

/** Where a collector is: by http too, since it mostly stands in the same network. */
export const collectorUrl: Kind<URL> =
  kind(Type.String({ maxLength: 2048 }), 'an http:// or https:// URL without a name, a password and a fragment', (value) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined
    return parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username === '' && parsed.password === '' && parsed.hash === '' ? parsed : undefined
  })

/** A number from 0 to 1. */
export const share: Kind<number> =
  kind(Type.String({ pattern: '^(0(\\.[0-9]{1,9})?|1(\\.0{1,9})?)$' }), 'a number from 0 to 1', Number)

/** What messages cost, by provider, or by provider and country: `twilio-sms=0.05,twilio-sms:US=0.0079`. */
export const prices: Kind<ReadonlyMap<string, number>> =
  kind(Type.String({ maxLength: 8192 }), 'provider=price or provider:COUNTRY=price, separated by commas, none twice; a price is such as 0.0079', (value) => {
    const items = list(value).map((item) => /^([a-z-]{1,32}(?::([A-Z]{2}))?)=([0-9]{1,6}(?:\.[0-9]{1,6})?)$/.exec(item))
    const found = new Map(items.map((item) => [item?.[1] as string, Number(item?.[3])]))
    const isRight = items.every((item) => item !== null && (item[2] === undefined || isCountry(item[2])))
    return isRight && items.length > 0 && found.size === items.length ? found : undefined
  })
