// All rows that the page knows, whether they are shown or not. It knows nothing of the page itself.

import { describe } from './facts.js'

/** Rows that are kept; the oldest go first. */
const MOST_ROWS = 5_000

/** The worst first, as the gateway has it: a delivery stands as well as the best of its attempts. */
const QUALITY = ['refused', 'failed', 'undelivered', 'unknown', 'pending', 'accepted', 'delivered']

/** Facts that may be the first ones of a delivery. Others are about one that is older than what is shown. */
const BEGINNINGS = new Set(['attempt.finished', 'delivery.finished', 'delivery.guarded'])
const OUTCOMES = { accepted: 'accepted', refused: 'refused', failed: 'failed', unknown: 'unknown', 'under-way': 'pending' }

const better = (one, other) => QUALITY.indexOf(one) >= QUALITY.indexOf(other) ? one : other

/** How each fact changes the row of its delivery. */
const CHANGE = {
  'attempt.finished' (row, { result, provider, channel, country, reason, at }) {
    row.status = better(result, row.status)
    Object.assign(row, { provider, channel, country: country ?? row.country, reason: row.status === result ? reason : row.reason })
    row.changedAt = at
  },
  'delivery.finished' (row, { outcome, hook, caller, number, channel, country, provider, reason }) {
    if (outcome === 'duplicate') {
      row.repeats += 1
      return
    }
    Object.assign(row, { hook, caller, number, channel, country: country ?? row.country, provider: provider ?? row.provider })
    const status = OUTCOMES[outcome] ?? row.status
    if (row.status === 'pending') row.status = status
    if (status !== 'accepted') row.reason = reason ?? row.reason
  },
  'delivery.updated' (row, { status, provider, channel, reason, milliseconds, at }) {
    if (status === 'delivered' && row.status !== 'delivered') row.took = milliseconds
    Object.assign(row, { status, provider, channel, reason, changedAt: at })
  },
  'delivery.guarded' (row, { rule, mode, reason }) {
    if (mode === 'enforce') Object.assign(row, { status: 'refused', reason })
    else row.wouldRefuse = rule
  },
  'delivery.escalated' (row, { channel }) { Object.assign(row, { channel, isEscalated: true }) },
  'delivery.retried' (row) { row.isRetried = true },
  'delivery.used' (row, { at }) { row.usedAt ??= at },
  'login.matched' (row, { at }) { row.usedAt ??= at },
  'verification.sent' (row, { verification }) { row.verification = verification }
}

/** A row of a delivery as the search gives it. */
const fromSummary = ({ id, ...summary }) => ({
  id,
  kind: 'delivery',
  at: summary.createdAt,
  rank: summary.createdAt,
  repeats: 0,
  ...summary,
  took: summary.deliveredIn
})

/** The rows, by id, and in order of time. */
export const createRows = () => {
  const byId = new Map()
  // The oldest first: those that come are appended.
  let order = []

  const add = row => {
    row.rank = Math.max(row.at, (order.at(-1)?.rank ?? 0) + 0.001)
    byId.set(row.id, row)
    order.push(row)
    if (order.length > MOST_ROWS * 1.2) for (const { id } of order.splice(0, order.length - MOST_ROWS)) byId.delete(id)
    return row
  }

  /** One that happened before what is there already: it is put where it belongs. */
  const insert = row => {
    row.rank = row.at
    byId.set(row.id, row)
    const before = order.findLastIndex(({ rank }) => rank <= row.rank)
    order.splice(before + 1, 0, row)
    return row
  }

  const takeDelivery = (entry, changed) => {
    const known = byId.get(entry.delivery)
    if (known === undefined && !BEGINNINGS.has(entry.type)) return
    if (known === undefined && entry.outcome === 'duplicate') return
    const row = known ?? add({ id: entry.delivery, kind: 'delivery', at: entry.at, status: 'pending', number: '', repeats: 0 })
    CHANGE[entry.type]?.(row, entry)
    changed.add(row.id)
  }

  const takeFact = (entry, key, changed, put) => {
    const said = describe(entry)
    if (said === undefined) return
    // All that is told of one verification is one row, as it stands.
    const id = entry.type.startsWith('verification.') ? `verification ${entry.verification}` : key
    const { provider, channel, country, hook, number, verification, delivery } = entry
    const known = byId.get(id)
    const row = known ?? put({ id, kind: 'fact', at: entry.at, entries: [] })
    const about = { provider, channel, country, hook, number, verification, delivery }
    for (const [name, value] of Object.entries(about)) if (value !== undefined) row[name] = value
    Object.assign(row, said)
    row.entries = [...row.entries, entry].slice(-20)
    changed.add(id)
  }

  return {
    /** Takes a fact; `key` tells it from all others. Gives the ids of the rows that are new or others now. */
    take (entry, key) {
      const changed = new Set()
      if (typeof entry.delivery === 'string') takeDelivery(entry, changed)
      takeFact(entry, key, changed, add)
      return changed
    },
    /** Takes a fact from before the page was opened. How deliveries stand the search knows, so that it says nothing of them. */
    takeOld (entry, key) {
      const changed = new Set()
      takeFact(entry, key, changed, insert)
      return changed
    },
    /** Takes what the search has found. What facts said of a row since then stays. */
    merge (summaries) {
      const fresh = []
      for (const summary of summaries) {
        const found = fromSummary(summary)
        const known = byId.get(found.id)
        if (known === undefined) fresh.push(found)
        else Object.assign(known, { ...found, at: known.at, rank: known.rank, repeats: known.repeats, took: known.took ?? found.took, status: better(known.status, found.status), usedAt: known.usedAt ?? found.usedAt })
      }
      for (const row of fresh) byId.set(row.id, row)
      order = [...order, ...fresh].sort((one, other) => one.rank - other.rank)
    },
    get: id => byId.get(id),
    /** The newest first, of those that pass, up to so many; and how many newer than `mark` pass. */
    window ({ passes, mark, most }) {
      const [shown, state] = [[], { newer: 0, older: 0 }]
      for (let index = order.length - 1; index >= 0; index--) {
        const row = order[index]
        if (!passes(row)) continue
        if (row.rank > mark) state.newer += 1
        else if (shown.length < most) shown.push(row)
        else state.older += 1
      }
      return { shown, ...state }
    },
    /** Where the newest row stands. */
    top: () => order.at(-1)?.rank ?? 0,
    /** Deliveries of which no more than an attempt is known yet. */
    incomplete: () => order.slice(-200).filter(({ kind, hook }) => kind === 'delivery' && hook === undefined).map(({ id }) => id),
    clear () {
      byId.clear()
      order = []
    }
  }
}
