import { createApi, Problem } from './api.js'
import { createClock } from './clock.js'
import { find, write } from './dom.js'
import { showEnd } from './end-step.js'
import { readProblem } from './failures.js'
import { runFlow } from './flow.js'
import { isGreeted, needsGreeting } from './handshake.js'
import { forgetSession, keepVerification, takeSession } from './session.js'
import { chooseLanguage, loadWords } from './words.js'

const opened = takeSession()
const languages = [...navigator.languages ?? [navigator.language]]
let words

/** Turns the page to a language: its own words, its direction, and what stands in the document from the start. */
const speak = async language => {
  words = await loadWords(language)
  document.documentElement.lang = words.language
  document.documentElement.dir = words.direction
  document.title = words.say('title')
  for (const element of document.querySelectorAll('[data-say]')) write(element, words.say(element.dataset.say))
  for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', words.say(element.dataset.label))
}

/** Ends the page where nothing more can be done on it. */
const stop = why => {
  if (why === 'sessionOver') forgetSession()
  showEnd({ kind: 'stopped', heading: words.say(`${why}Heading`), text: words.say(`${why}Text`) })
}

/** Without the session there is nothing to show. It may be had at the next attempt. */
const tellFailure = error => {
  const { stop: why, key } = readProblem(error instanceof Problem ? error : new Problem(0, 'unreadable'))
  if (why !== undefined) return stop(why)
  const again = { text: words.say('tryAgain'), act: () => { location.reload() } }
  showEnd({ kind: 'stopped', heading: words.say('title'), text: words.say(key === 'gone' ? 'serverDown' : key), again })
}

/** How the verification stands that this window had begun before a reload. Where it is gone, another one is begun. */
const currentOf = async api => {
  if (opened.verification === undefined) return undefined
  return await api.status(opened.verification).catch(error => {
    if (error instanceof Problem && error.status === 404) return undefined
    throw error
  })
}

const start = async () => {
  document.documentElement.classList.toggle('embed', opened?.embed === true)
  await speak(chooseLanguage(languages))
  if (opened === undefined) return stop('sessionOver')
  const clock = createClock()
  const api = createApi(opened.token, clock)
  const session = await api.session()
  const language = chooseLanguage([session.locale, ...languages].filter(tag => tag !== undefined))
  if (language !== words.language) await speak(language)
  write(find('brand'), session.brand ?? '')
  // The person has come by a way that the app did not mean for him: the words tell him to begin at the app.
  if (needsGreeting(session) && !await isGreeted(session.origin)) return stop('forbidden')
  const current = await currentOf(api)
  await runFlow({ api, clock, session, words, embed: opened.embed, languages, stop, current, keep: id => { keepVerification(opened, id) } })
}

start().catch(tellFailure)
