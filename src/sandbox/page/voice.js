// Says what is heard in a call: aloud where the browser can, as captions always.

const MILLISECONDS_A_CHARACTER = 65
// What follows so long a pause stands on a line of its own.
const STOP = 1_000

const wait = (milliseconds, signal) => new Promise(resolve => {
  const timer = window.setTimeout(resolve, milliseconds)
  signal.addEventListener('abort', () => {
    window.clearTimeout(timer)
    resolve()
  }, { once: true })
})

const sayAloud = ({ text, locale, rate }, signal) => new Promise(resolve => {
  const utterance = new window.SpeechSynthesisUtterance(text)
  utterance.lang = locale
  utterance.rate = rate
  utterance.onend = utterance.onerror = resolve
  signal.addEventListener('abort', () => {
    window.speechSynthesis.cancel()
    resolve()
  }, { once: true })
  window.speechSynthesis.speak(utterance)
})

const hasVoice = () => (window.speechSynthesis?.getVoices().length ?? 0) > 0

/**
 * Says the segments one after the other, and tells `caption` all the words so far. Resolves at the end, or when the
 * signal aborts. `aloud` is asked before each segment.
 */
export const say = async (segments, { aloud, caption, signal }) => {
  let words = ''
  for (const segment of segments) {
    if (signal.aborted) return
    if (segment.kind === 'pause') {
      if (segment.milliseconds >= STOP && words !== '') words = `${words}\n`
      await wait(segment.milliseconds, signal)
      continue
    }
    words = `${words} ${segment.text}`.replace(/ ([.,;:!?])/g, '$1').replace(/\n /g, '\n').trim()
    caption(words)
    const silent = () => wait(250 + segment.text.length * MILLISECONDS_A_CHARACTER / segment.rate, signal)
    if (!aloud() || !hasVoice()) await silent()
    // Some browsers have voices but never say that they have finished.
    else await Promise.race([sayAloud(segment, signal), wait(3_000 + segment.text.length * 200, signal)])
  }
}

// The first call asks for the list, which many browsers load only then.
hasVoice()
