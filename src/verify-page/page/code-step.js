import { long, short } from './clock.js'
import { codeDigits } from './digits.js'
import { announce, find, icon, isResting, make, rest, showStep, write } from './dom.js'
import { reasonKey } from './failures.js'
import { apart } from './words.js'

const SENT = { sms: 'stateSms', voice: 'stateVoice', whatsapp: 'stateWhatsapp' }
/** Seconds before the end at which it is said aloud. */
const SAID_AT = [60, 30, 10]

/** The second step: the code is entered, and asked for again where it does not come. */
export const createCodeStep = ({ session, words, clock, check, resend, change, cancel }) => {
  const { say } = words
  const [code, button] = [find('code'), find('check')]
  let view
  let checking = false
  let restsUntil
  let saidAt
  let couldResend
  let listening
  let lastTried = ''

  const complain = text => {
    find('code-problem').textContent = text
    if (text === '') code.removeAttribute('aria-invalid')
    else code.setAttribute('aria-invalid', 'true')
  }

  const showDigits = () => {
    const { length } = code.value
    const isFocused = document.activeElement === code
    for (const [index, slot] of [...find('slot-row').children].entries()) {
      slot.classList.toggle('filled', index < length)
      slot.classList.toggle('next', isFocused && index === Math.min(length, view.codeLength - 1))
    }
  }

  const setCode = text => {
    code.value = text
    showDigits()
  }

  const submit = async () => {
    if (checking || isResting(button)) return
    if (code.value.length < view.codeLength) {
      complain(say('codeIncomplete'))
      return code.focus()
    }
    checking = true
    lastTried = code.value
    complain('')
    rest(button, true)
    write(button.querySelector('.label'), say('checking'))
    const refusal = await check(view, code.value)
    checking = false
    rest(button, false)
    write(button.querySelector('.label'), say('check'))
    if (refusal === undefined) return
    showRefusal(refusal)
    if (refusal.isWrong) setCode('')
    code.focus()
  }

  const showRefusal = ({ text, wait }) => {
    complain(text)
    if (wait === undefined) return
    restsUntil = new Date(clock.now() + wait * 1000).toISOString()
    tick()
  }

  const showMessage = () => {
    const { state, reason } = view.message
    const key = state === 'sending' ? 'stateSending' : state === 'failed' ? reasonKey(reason) : SENT[view.channel]
    write(find('sent'), say(key, { number: apart(view.number) }))
    find('sent').classList.toggle('bad', state === 'failed')
  }

  const wayButton = channel => {
    const isSame = channel === view.channel
    const text = isSame ? say('sendAgain') : say(channel)
    const way = make('button', 'secondary way', icon(channel), make('span', '', text))
    way.type = 'button'
    way.dataset.channel = channel
    if (!isSame) way.setAttribute('aria-label', `${say('sendAgain')}: ${text}`)
    way.addEventListener('click', async () => {
      if (isResting(way)) return
      complain('')
      for (const other of find('again-ways').children) rest(other, true)
      const refusal = await resend(view, channel)
      if (view === undefined) return
      if (refusal === undefined) {
        setCode('')
        code.focus()
      } else complain(refusal.text)
      couldResend = undefined
      tick()
    })
    return way
  }

  const showWays = () => {
    const ways = [...new Set([view.channel, ...session.profile.channels])]
    const shown = [...find('again-ways').children].map(way => way.dataset.channel)
    if (ways.join() !== shown.join()) find('again-ways').replaceChildren(...ways.map(wayButton))
    find('again-ways').hidden = view.sendsLeft === 0
  }

  const showSlots = () => {
    find('slots').style.setProperty('--digits', view.codeLength)
    find('slot-row').replaceChildren(...Array.from({ length: view.codeLength }, () => make('span', 'slot')))
    write(find('code-label'), say('codeLabel', { digits: view.codeLength }))
  }

  /** Tells those who listen how long there is, at few moments. */
  const sayTime = seconds => {
    const mark = SAID_AT.findLast(at => seconds <= at)
    if (mark !== undefined && mark !== saidAt && seconds > 0) announce(say('timeLeft', { time: long(seconds, words.language) }))
    saidAt = mark
  }

  const showResend = () => {
    const seconds = clock.secondsUntil(view.resendAt)
    const can = seconds === 0 && view.sendsLeft > 0
    write(find('again-note'), view.sendsLeft === 0 ? say('noMore') : can ? say('againNow') : say('againIn', { time: apart(short(seconds)) }))
    if (couldResend === can) return
    for (const way of find('again-ways').children) rest(way, !can)
    if (couldResend === false && can) announce(say('againNow'))
    couldResend = can
  }

  const tick = () => {
    if (view === undefined) return
    const seconds = clock.secondsUntil(view.expiresAt)
    write(find('validity'), say('validFor', { time: apart(short(seconds)) }))
    find('validity').classList.toggle('soon', seconds <= 30)
    showResend()
    sayTime(seconds)
    if (restsUntil === undefined) return
    const wait = clock.secondsUntil(restsUntil)
    rest(button, wait > 0)
    write(button.querySelector('.wait'), wait > 0 ? short(wait) : '')
    if (wait > 0) return
    restsUntil = undefined
    complain('')
  }

  /** Where the phone itself shows the page, the code may come straight out of the message. */
  const listen = () => {
    if (!('OTPCredential' in window) || view.channel !== 'sms') return
    listening = new window.AbortController()
    navigator.credentials.get({ otp: { transport: ['sms'] }, signal: listening.signal }).then(credential => {
      setCode(codeDigits(credential?.code ?? '', view.codeLength))
      if (code.value.length === view.codeLength) submit()
    }, () => {})
  }

  code.addEventListener('input', () => {
    setCode(codeDigits(code.value, view.codeLength))
    if (code.value !== '') complain('')
    if (code.value.length === view.codeLength && code.value !== lastTried) submit()
    if (code.value.length < view.codeLength) lastTried = ''
  })
  for (const event of ['focus', 'blur']) code.addEventListener(event, () => { if (view !== undefined) showDigits() })
  find('code-form').addEventListener('submit', event => {
    event.preventDefault()
    submit()
  })
  find('change').addEventListener('click', () => change())
  find('cancel').addEventListener('click', () => cancel())

  const update = newer => {
    const hasMoved = newer.channel !== view.channel || newer.resendAt !== view.resendAt
    view = newer
    if (hasMoved) couldResend = undefined
    showMessage()
    showWays()
    tick()
  }

  return {
    tick,
    /** What the gateway says by now. */
    update,
    /** Shows it for a verification that has begun. */
    show (begun) {
      view = begun
      saidAt = undefined
      couldResend = undefined
      restsUntil = undefined
      lastTried = ''
      find('change').hidden = session.to !== undefined
      complain('')
      showSlots()
      setCode('')
      showStep('code-step')
      update(begun)
      listen()
      code.focus()
      showDigits()
    },
    /** It is over, or another step comes. */
    leave () {
      listening?.abort()
      view = undefined
    }
  }
}
