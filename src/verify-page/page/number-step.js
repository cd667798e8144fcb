import { short } from './clock.js'
import { plainDigits } from './digits.js'
import { find, icon, isResting, make, rest, showStep, write } from './dom.js'
import { apart } from './words.js'

/**
 * The first step: whose phone it is, and how the code is to come. Where the app knows the number, it is only confirmed.
 * `send` gets what the gateway is asked for.
 */
export const createNumberStep = ({ session, countries, firstCountry, words, clock, send, leave }) => {
  const { say } = words
  const [number, country, button] = [find('number'), find('country'), find('send')]
  const isKnown = session.to !== undefined
  let converted
  let restsUntil

  const chosen = () => countries.find(country.value)
  const showCountry = () => {
    write(find('country-letters'), chosen().code)
    write(find('country-prefix'), `+${chosen().prefix}`)
  }

  /** A number that was pasted or filled in with its prefix turns the country, and loses it. */
  const takePrefix = () => {
    const split = countries.split(plainDigits(number.value), country.value)
    if (split === undefined) return
    country.value = split.country
    number.value = split.national
    // Sent as it came: where the rest looks like a number of its own, nobody could tell.
    converted = split
    showCountry()
  }

  const requested = () => {
    if (isKnown) return {}
    const text = plainDigits(number.value).trim()
    const isConverted = converted !== undefined && converted.country === country.value && converted.national === text
    return isConverted ? { to: converted.international } : { to: text, country: country.value }
  }

  const forgive = () => {
    write(find('number-problem'), '')
    number.removeAttribute('aria-invalid')
  }

  const endWait = () => {
    if (restsUntil === undefined) return
    restsUntil = undefined
    rest(button, false)
    write(button.querySelector('.wait'), '')
  }

  /** Another number is being entered: what stood against the one before, and for how long, does not stand against it. */
  const startOver = () => {
    forgive()
    endWait()
  }

  const complain = ({ text, isOfNumber, wait }) => {
    const isWrong = isOfNumber && !isKnown
    // Even where it is the same once more, it is to be said again.
    find('number-problem').textContent = text
    if (isWrong) number.setAttribute('aria-invalid', 'true')
    ;(isWrong ? number : button).focus()
    if (wait === undefined) return
    restsUntil = new Date(clock.now() + wait * 1000).toISOString()
    tick()
  }

  const submit = async () => {
    if (isResting(button)) return
    forgive()
    takePrefix()
    if (!isKnown && !/[0-9](?:[^0-9]*[0-9]){3}/.test(plainDigits(number.value))) return complain({ text: say('numberMissing'), isOfNumber: true })
    const channel = document.querySelector('input[name="channel"]:checked')?.value
    write(button.querySelector('.label'), say('sending'))
    rest(button, true)
    const refusal = await send({ ...requested(), channel })
    write(button.querySelector('.label'), say('send'))
    rest(button, false)
    if (refusal !== undefined) complain(refusal)
  }

  const tick = () => {
    if (restsUntil === undefined) return
    const seconds = clock.secondsUntil(restsUntil)
    if (seconds === 0) return startOver()
    rest(button, true)
    write(button.querySelector('.wait'), short(seconds))
  }

  const fill = () => {
    write(find('number-heading'), say(isKnown ? 'confirmHeading' : 'numberHeading'))
    write(find('number-hint'), isKnown ? say('confirmHint', { number: apart(session.to) }) : say('numberHint'))
    find('number-fields').hidden = isKnown
    country.replaceChildren(...countries.all.map(({ code, prefix, name }) => new window.Option(`${name} (+${prefix})`, code)))
    country.value = countries.find(firstCountry) === undefined ? 'US' : firstCountry
    showCountry()
    const { channels } = session.profile
    find('channels').hidden = channels.length < 2
    find('choices').replaceChildren(...channels.map((channel, index) => {
      const radio = make('input', '')
      Object.assign(radio, { type: 'radio', name: 'channel', value: channel, checked: index === 0 })
      return make('label', 'choice', radio, icon(channel), make('span', '', say(channel)))
    }))
  }

  fill()
  number.addEventListener('input', event => {
    startOver()
    // Who types a prefix sees it until the field is left; what came in one piece is taken apart at once.
    const isTyped = event.inputType?.startsWith('delete') || (event.inputType === 'insertText' && event.data?.length === 1)
    if (!isTyped) takePrefix()
  })
  number.addEventListener('change', takePrefix)
  country.addEventListener('change', () => {
    startOver()
    showCountry()
  })
  find('number-form').addEventListener('submit', event => {
    event.preventDefault()
    submit()
  })
  find('leave').addEventListener('click', () => leave())

  return {
    tick,
    /** Shows it, with what went wrong where there was something. */
    show (refusal, canLeave) {
      find('leave').hidden = !canLeave
      showStep('number-step')
      forgive()
      if (refusal !== undefined) complain(refusal)
      else if (isKnown) find('number-heading').focus()
      else number.focus()
    }
  }
}
