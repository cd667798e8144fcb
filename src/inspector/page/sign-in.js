// Signing in: by the admin secret, or by a link that opens once.

import { api } from './api.js'
import { find, write } from './dom.js'

const LINK = /^#enter=(.+)$/

const WORDS = {
  unauthorized: 'That is not the admin secret.',
  too_many_sign_ins: 'That was tried too often. Wait a minute, then try again.',
  offline: 'The gateway cannot be reached right now. Try again in a moment.'
}

const kindly = problem => WORDS[problem.code] ?? problem.message

/** The same address again: with a session it is the page that was asked for. */
const enter = () => location.reload()

const signIn = async (proof, words) => {
  find('go').setAttribute('aria-disabled', 'true')
  write(find('problem'), '')
  const problem = await api.signIn(proof).then(() => undefined, problem => problem)
  if (problem === undefined) return enter()
  find('go').removeAttribute('aria-disabled')
  write(find('problem'), words(problem))
  find('secret').focus()
  find('secret').select()
}

find('form').addEventListener('submit', event => {
  event.preventDefault()
  if (find('go').getAttribute('aria-disabled') === 'true') return
  const secret = find('secret').value
  if (secret !== '') return signIn({ secret }, kindly)
  write(find('problem'), 'Enter the admin secret: the gateway’s setting ADMIN_SECRET.')
  find('secret').focus()
})

const link = LINK.exec(location.hash)?.[1]
const isReload = performance.getEntriesByType('navigation')[0]?.type === 'reload'
if (link === undefined) {
  find('secret').focus()
  // Who comes by another site's link has not shown the session that the browser may have; our own page shows it. Once.
  if (!isReload) api.session().then(enter, () => {})
} else {
  // It is a secret for once: it stays neither in the address nor in the history.
  window.history.replaceState(null, '', location.pathname)
  signIn({ link }, problem => problem.status === 401 ? 'The link opens once, and not for long. Sign in by the admin secret.' : kindly(problem))
}
