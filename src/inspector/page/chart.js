// A plot over time with a legend that says the numbers, of all of it or of where one points.

import Plot from './vendor/uplot.js'
import { make, write } from './dom.js'

/** What a custom property of the page stands for right now. */
const paint = name => () => window.getComputedStyle(document.documentElement).getPropertyValue(name).trim()

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric' })
const POINT = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' })

const shortCount = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 })

/** Points that no line leads to or from: without a mark of their own they would not be seen. */
const lonely = (plot, line) => {
  const amounts = plot.data[line]
  const isGap = index => amounts[index] === null || amounts[index] === undefined
  return [...amounts.keys()].filter(index => !isGap(index) && isGap(index - 1) && isGap(index + 1))
}

/**
 * Makes a plot. Each line: `{ name, color, dash, fill, say }`, of which `say` writes an amount; `axis` writes those at its
 * side, which goes up to `least` at least.
 */
export const createChart = ({ title, lines, axis = amount => shortCount.format(amount), least = 4 }) => {
  const place = make('div', 'chart')
  place.setAttribute('role', 'img')
  const values = lines.map(() => make('strong', 'legend-value', '–'))
  const when = make('span', 'legend-when')
  const legend = make('div', 'legend', ...lines.map((line, index) => {
    const mark = make('span', 'legend-mark')
    mark.style.setProperty('--color', `var(${line.color})`)
    mark.classList.toggle('dashed', line.dash !== undefined)
    return make('span', 'legend-item', mark, make('span', '', line.name), values[index])
  }))
  const element = make('section', 'plot', make('div', 'plot-top', make('h2', '', title), when), legend, place)
  let totals = []
  let plot

  const writeLegend = index => {
    for (const [line, { say }] of lines.entries()) {
      const amount = index === null || index === undefined ? totals[line] : plot.data[line + 1][index]
      write(values[line], amount === null || amount === undefined ? '–' : say(amount))
    }
    write(when, index === null || index === undefined ? '' : POINT.format(plot.data[0][index] * 1000))
  }

  const side = { stroke: paint('--soft'), font: '14px system-ui, sans-serif', grid: { stroke: paint('--line'), width: 1 }, ticks: { show: false } }
  const size = () => ({ width: place.clientWidth, height: place.clientHeight })
  const options = () => ({
    ...size(),
    legend: { show: false },
    padding: [12, 28, 0, 0],
    cursor: { y: false, points: { size: 8 }, drag: { x: false, y: false } },
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(least, (high ?? 0) * 1.12)] } },
    axes: [
      { ...side, space: 72, size: 28, grid: { show: false }, values: (_plot, splits, _axis, _space, every) => splits.map(at => (every >= 86_400 ? DAY : TIME).format(at * 1000)) },
      { ...side, size: 56, space: 44, values: (_plot, splits) => splits.map(axis) }
    ],
    series: [{}, ...lines.map(({ color, dash, fill }) => ({ stroke: paint(color), width: 2, dash, fill: fill === undefined ? undefined : paint(fill), points: { show: false, filter: lonely, size: 7, fill: paint(color) }, spanGaps: false }))],
    hooks: { setCursor: [({ cursor }) => writeLegend(cursor.idx)] }
  })

  new window.ResizeObserver(() => {
    if (plot !== undefined && place.clientWidth > 0) plot.setSize(size())
  }).observe(place)
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot?.redraw(false, true))

  return {
    element,
    /** Shows other lines; `sums` are what the legend says where nobody points. */
    show ({ moments, data, sums }) {
      totals = sums
      if (plot === undefined) plot = new Plot(options(), [moments, ...data], place)
      else plot.setData([moments, ...data])
      writeLegend(plot.cursor.idx)
      place.setAttribute('aria-label', `${title}. ${lines.map(({ name }, index) => `${name}: ${values[index].textContent}`).join(', ')}.`)
    }
  }
}
