// The plots: the answer first, then the numbers that it stands on; new every few seconds.

import { api } from './api.js'
import { showBreakdown, showHealth, showTotals, showWorse } from './breakdown.js'
import { createChart } from './chart.js'
import { button, find, make } from './dom.js'
import { count, duration } from './numbers.js'
import { seriesOf } from './series.js'
import { channelName, countryName, providerName } from './words.js'

const SPANS = { hour: 'Hour', day: 'Day', week: 'Week' }
/** Milliseconds after which it is asked anew, and the fewest between where something happens. */
const EVERY = 10_000
const REST = 2_500

const seconds = amount => duration(amount * 1000)

/** The plots; `choose` is called with the span that somebody wants. */
export const createPlots = ({ now, setup, choose }) => {
  const view = find('plots-view')
  const places = {}
  const written = {}
  let charts
  let span
  let asked = 0
  let waiting
  let isShown = false

  const build = () => {
    charts = {
      amounts: createChart({
        title: 'Messages over time',
        lines: [
          { name: 'Sent', color: '--soft', fill: '--quiet-soft', say: count },
          { name: 'Delivered', color: '--good', say: count },
          { name: 'Used', color: '--info', dash: [2, 3], say: count },
          { name: 'Not delivered', color: '--warn', dash: [2, 5], say: count },
          { name: 'Failed', color: '--bad', dash: [8, 4], say: count }
        ]
      }),
      times: createChart({
        title: 'Time to delivery',
        least: 2,
        axis: amount => amount === 0 ? '0' : amount < 60 ? `${Math.round(amount * 10) / 10} s` : `${Math.round(amount / 6) / 10} min`,
        lines: [{ name: 'Median', color: '--accent', fill: '--accent-soft', say: seconds }, { name: '95th of 100', color: '--warn', dash: [8, 4], say: seconds }]
      })
    }
    const spans = make('div', 'tabs', ...Object.entries(SPANS).map(([name, words]) => {
      const tab = button('span', words, () => choose(name))
      tab.dataset.span = name
      return tab
    }))
    spans.setAttribute('role', 'group')
    spans.setAttribute('aria-label', 'Span')
    for (const name of ['worse', 'totals', 'provider', 'channel', 'country', 'health']) places[name] = make('div', `place place-${name}`)
    const problem = make('p', 'plots-problem')
    problem.id = 'plots-problem'
    problem.setAttribute('role', 'status')
    view.replaceChildren(make('div', 'plots-top', make('h1', '', 'Plots'), problem, spans), places.worse, places.totals,
      make('div', 'plots-two', charts.amounts.element, charts.times.element), places.provider,
      make('div', 'plots-two', places.channel, places.health), places.country)
  }

  /** Writes a part anew only where it says something else: nothing blinks, and who scrolls a table stays where they are. */
  const fill = (name, told, make) => {
    const text = JSON.stringify(told)
    if (written[name] === text) return
    written[name] = text
    const before = places[name].querySelector('.numbers-place')
    const [left, isFocused] = [before?.scrollLeft ?? 0, before !== null && before === document.activeElement]
    places[name].replaceChildren(make())
    const after = places[name].querySelector('.numbers-place')
    if (after === null) return
    after.scrollLeft = left
    if (isFocused) after.focus({ preventScroll: true })
  }

  const draw = statistics => {
    const { totals, byProvider, byChannel, byCountry, worse } = statistics
    const { currency, providers } = setup()
    fill('worse', worse, () => showWorse(worse, countryName))
    fill('totals', [totals, currency], () => showTotals(totals, currency))
    const { moments, amounts, times } = seriesOf(statistics)
    charts.amounts.show({ moments, data: amounts, sums: [totals.sent, totals.delivered, totals.used, totals.undelivered, totals.failed] })
    charts.times.show({ moments, data: times, sums: [totals.median, totals.percentile95] })
    fill('provider', [byProvider, currency], () => showBreakdown({ title: 'By provider', what: 'Provider', rows: byProvider, nameOf: providerName, currency }))
    fill('channel', [byChannel, currency], () => showBreakdown({ title: 'By channel', what: 'Channel', rows: byChannel, nameOf: channelName, currency }))
    fill('country', [byCountry, currency], () => showBreakdown({ title: 'By country', what: 'Country', rows: byCountry, nameOf: countryName, currency }))
    fill('health', [providers, Math.floor(now() / 5_000)], () => showHealth(providers, now()))
  }

  const refresh = async () => {
    window.clearTimeout(waiting)
    waiting = undefined
    asked = now()
    const mine = span
    const problem = find('plots-problem')
    const statistics = await api.statistics(mine).catch(refusal => { problem.textContent = refusal.message })
    if (!isShown || mine !== span) return
    if (statistics !== undefined) {
      problem.textContent = ''
      draw(statistics)
    }
    waiting ??= window.setTimeout(refresh, EVERY)
  }

  return {
    show (wanted) {
      if (charts === undefined) build()
      isShown = true
      span = wanted
      for (const tab of view.querySelectorAll('[data-span]')) {
        if (tab.dataset.span === span) tab.setAttribute('aria-current', 'true')
        else tab.removeAttribute('aria-current')
      }
      refresh()
    },
    hide () {
      isShown = false
      window.clearTimeout(waiting)
      waiting = undefined
    },
    /** Something happened: the numbers may be others. */
    told () {
      if (!isShown || waiting === undefined || now() - asked < REST) return
      window.clearTimeout(waiting)
      waiting = window.setTimeout(refresh, REST)
      asked = now()
    }
  }
}
