import { find, showStep, write } from './dom.js'

const ICONS = {
  approved: 'M20 33l8.5 8.5L45 24',
  failed: 'M24 24l16 16M40 24L24 40',
  expired: 'M32 19v14l9 6',
  canceled: 'M22 32h20',
  stopped: 'M32 19v17M32 44v.01'
}

/**
 * The last step: how it ended, and what can be done now. `kind` chooses the picture; `again` and `back` are
 * `{ text, act }`, or absent.
 */
export const showEnd = ({ kind, heading, text, again, back }) => {
  find('end-step').dataset.kind = kind
  find('end-stroke').setAttribute('d', ICONS[kind])
  write(find('end-heading'), heading)
  write(find('end-text'), text)
  for (const [id, action] of [['start-again', again], ['go-back', back]]) {
    const button = find(id)
    button.hidden = action === undefined
    button.onclick = action?.act ?? null
    write(button, action?.text ?? '')
  }
  showStep('end-step')
  find('end-heading').focus()
}
