// Before anything is asked of the person: is the page that waits for the end really the app's? Who was given a session by the
// app could send it to somebody else, to have that one's number and code under his own visit. Then it is not.
import { counterpart, TYPE } from './outcome.js'

const LONGEST_MS = 4_000

/**
 * Whether a session is for a page of the app alone: the one around ours, or the one that opened it. A browser that is led back
 * to the app in the end needs nobody to wait: the app sees there whose visit it is.
 */
export const needsGreeting = ({ origin, returnUrl }) => origin !== undefined && (returnUrl === undefined || window.parent !== window)

/** Asks that page for a greeting. Whether it came in time, from that page, and from that origin. */
export const isGreeted = async origin => {
  const other = counterpart()
  if (other === undefined) return false
  return await new Promise(resolve => {
    const settle = isGreeted => {
      window.clearTimeout(timer)
      window.removeEventListener('message', hear)
      resolve(isGreeted)
    }
    const hear = event => {
      if (event.source === other && event.origin === origin && event.data?.type === TYPE && event.data.action === 'hello') settle(true)
    }
    const timer = window.setTimeout(() => { settle(false) }, LONGEST_MS)
    window.addEventListener('message', hear)
    other.postMessage({ type: TYPE, ask: 'hello' }, origin)
  })
}
