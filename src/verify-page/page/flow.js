import { Problem } from './api.js'
import { long } from './clock.js'
import { createCodeStep } from './code-step.js'
import { likelyCountry, loadCountries } from './countries.js'
import { find } from './dom.js'
import { showEnd } from './end-step.js'
import { readProblem } from './failures.js'
import { createNumberStep } from './number-step.js'
import { createOutcome } from './outcome.js'
import { createWatch } from './watch.js'

const TICK_MS = 250

/**
 * Everything that happens once the session is known. `stop` ends the page for good; `languages` are those of the browser;
 * `current` is the verification that was begun before a reload, and `keep` keeps the id of another one for the next.
 */
export const runFlow = async ({ api, clock, session, words, embed, languages, stop, current, keep }) => {
  const { say } = words
  const outcome = createOutcome(session, embed)
  const countries = await loadCountries(words.language)
  /** The verification that is under way. */
  let view
  /** The one before, where another number is being entered: it is under way until another one takes its place. */
  let left

  const leaveCode = () => {
    watch.leave()
    codeStep.leave()
    view = undefined
  }

  /** What a step shows of a problem; `undefined` where the page has stopped. */
  const refusalOf = error => {
    const { stop: why, key, wait, isGone } = readProblem(error instanceof Problem ? error : new Problem(0, 'unreadable'))
    if (why !== undefined) {
      leaveCode()
      stop(why)
      return undefined
    }
    const text = say(key, { time: wait === undefined ? '' : long(wait, words.language) })
    return { text, wait, isGone, isOfNumber: key.startsWith('number') }
  }

  const showNumber = refusal => {
    leaveCode()
    numberStep.show(refusal, outcome.isAwaited)
  }

  const endText = status => {
    if (status === 'approved' && outcome.leads) return 'approvedBack'
    // Where the app knows the number, there is no other one to enter.
    return status === 'failed' && session.to !== undefined ? 'tooManyLater' : `${status}Text`
  }

  const end = ({ id, status, result }) => {
    leaveCode()
    left = undefined
    const last = { id, status, result }
    const isSettled = status === 'approved' || status === 'canceled'
    if (isSettled) outcome.leave(last)
    else outcome.tell(last)
    const startAgain = () => {
      outcome.tell({ status: 'pending' })
      showNumber()
    }
    showEnd({
      kind: status,
      heading: say(`${status}Heading`),
      text: say(endText(status)),
      again: status === 'approved' ? undefined : { text: say('startAgain'), act: startAgain },
      back: outcome.isAwaited ? { text: say(outcome.leads ? 'back' : 'close'), act: () => { outcome.leave(last) } } : undefined
    })
  }

  const begin = begun => {
    view = begun
    keep(begun.id)
    outcome.tell(begun)
    codeStep.show(begun)
    watch.follow(begun)
  }

  /** Takes what the gateway says. What was overtaken on its way, or is of another verification, changes nothing. */
  const take = newer => {
    if (newer.id !== view?.id || Date.parse(newer.now) < Date.parse(view.now)) return
    if (newer.status !== 'pending') return end(newer)
    view = newer
    codeStep.update(newer)
    watch.follow(newer)
  }

  /** Does what a step asks for. Gives what stands against it, or `undefined` where the page has moved on. */
  const attempt = async act => {
    try {
      return await act()
    } catch (error) {
      const refusal = refusalOf(error)
      const id = view?.id
      if (!refusal?.isGone || id === undefined) return refusal
      // It has ended meanwhile: the gateway knows how.
      await api.status(id).then(take, () => { showNumber(refusal) })
      return view?.id === id ? refusal : undefined
    }
  }

  const cancel = async () => {
    const underWay = () => view?.id ?? left
    const id = underWay()
    if (id === undefined) return end({ status: 'canceled' })
    const last = await api.cancel(id).catch(() => api.status(id)).catch(() => ({ status: 'pending' }))
    if (underWay() === id) end(last.status === 'pending' ? { id, status: 'canceled' } : last)
  }

  const watch = createWatch({
    ask: api.status,
    clock,
    take,
    lose: problem => {
      const refusal = refusalOf(problem)
      if (refusal !== undefined) showNumber(refusal)
    }
  })

  const numberStep = createNumberStep({
    session,
    countries,
    firstCountry: session.country ?? likelyCountry(languages),
    words,
    clock,
    send: request => attempt(async () => {
      const begun = await api.start({ ...request, locale: session.locale ?? languages[0] })
      // Nobody will enter the code that went to the other number.
      if (left !== undefined && left !== begun.id) api.cancel(left).catch(() => {})
      left = undefined
      begin(begun)
    }),
    leave: cancel
  })

  const codeStep = createCodeStep({
    session,
    words,
    clock,
    check: ({ id }, code) => attempt(async () => {
      const answer = await api.check(id, code)
      if (id !== view?.id) return undefined
      if (answer.status === 'pending') return { text: say('codeWrong', { count: answer.attemptsLeft }), isWrong: true }
      end({ id, ...answer })
      return undefined
    }),
    resend: ({ id }, channel) => attempt(async () => { take(await api.resend(id, channel)) }),
    change: () => {
      left = view?.id
      showNumber()
    },
    cancel
  })

  outcome.onClose(cancel)
  if (embed) {
    window.addEventListener('keydown', event => {
      // The key first closes a list that is open, or ends what an input method composes.
      if (event.key === 'Escape' && !event.isComposing && event.target.localName !== 'select') cancel()
    })
    new window.ResizeObserver(() => { outcome.shape({ height: Math.ceil(find('card').getBoundingClientRect().height) }) }).observe(find('card'))
    outcome.shape({ words: { title: say('title'), close: say('close') } })
  }
  window.setInterval(() => {
    numberStep.tick()
    codeStep.tick()
    watch.tick()
  }, TICK_MS)

  if (current?.status === 'pending') begin(current)
  else if (current?.status === 'approved') end(current)
  else showNumber()
}
