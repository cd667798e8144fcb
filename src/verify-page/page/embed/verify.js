// Opens the gateway's page in a dialog of any other page:
//   <script src="https://gateway.example/verify.js"></script>
//   const { status, id, result } = await PhoneCode.verify({ session })
// The session is made by the app's server. A Content-Security-Policy has to allow the gateway in script-src and frame-src.
(() => {
  const TYPE = 'phone-code-gateway'
  /** How long a closed dialog waits for the page to say that the verification is canceled. */
  const LONGEST_GOODBYE_MS = 4_000
  // Known only while the script is read for the first time.
  const ownAddress = document.currentScript?.src

  const STYLE = `
    dialog { box-sizing: border-box; width: min(26rem, calc(100vw - 1.5rem)); height: min(var(--height, 30rem), calc(100dvh - 1.5rem)); max-width: none; max-height: none; margin: auto; padding: 0; border: 0; border-radius: 1.25rem; overflow: hidden; background: #fff; color-scheme: light dark; box-shadow: 0 1.5rem 4rem rgb(0 0 0 / 35%); transition: height .2s ease-out; }
    dialog::backdrop { background: rgb(10 18 16 / 55%); }
    iframe { display: block; width: 100%; height: 100%; border: 0; }
    button { all: unset; position: absolute; top: .5rem; right: .5rem; box-sizing: border-box; width: 2.75rem; height: 2.75rem; border-radius: 50%; color: #4b5853; cursor: pointer; }
    button::before, button::after { content: ""; position: absolute; top: calc(50% - 1px); left: 30%; width: 40%; height: 2px; border-radius: 1px; background: currentColor; transform: rotate(45deg); }
    button::after { transform: rotate(-45deg); }
    button:hover { background: rgb(128 140 135 / 20%); }
    button:focus-visible { outline: 3px solid #0f766e; outline-offset: -3px; }
    @media (prefers-color-scheme: dark) {
      dialog { background: #161e1c; }
      button { color: #c3d0cb; }
      button:focus-visible { outline-color: #5ed3c0; }
    }
    @media (max-width: 30rem) { dialog { margin-bottom: .75rem; } }
    @media (prefers-reduced-motion: reduce) { dialog { transition: none; } }
    @media (forced-colors: active) { dialog { border: 1px solid; } }`

  /** Builds the dialog in a shadow tree: styles of the page do not reach it, and a strict policy needs no exception for its own. */
  const build = (address) => {
    const host = document.createElement('div')
    const root = host.attachShadow({ mode: 'open' })
    const sheet = new window.CSSStyleSheet()
    sheet.replaceSync(STYLE)
    root.adoptedStyleSheets = [sheet]
    const dialog = document.createElement('dialog')
    dialog.setAttribute('aria-label', 'Phone number')
    const frame = document.createElement('iframe')
    frame.allow = 'otp-credentials'
    frame.referrerPolicy = 'no-referrer'
    frame.title = 'Phone number'
    frame.src = address
    const button = document.createElement('button')
    button.type = 'button'
    button.setAttribute('aria-label', 'Close')
    dialog.append(frame, button)
    root.append(dialog)
    return { host, dialog, frame, button }
  }

  /** The promise of the one whose dialog is open. */
  let open

  const show = ({ session, gateway = ownAddress } = {}) => new Promise((resolve, reject) => {
    if (typeof session !== 'string' || session === '') return reject(new TypeError('PhoneCode.verify needs the token of a session.'))
    if (!gateway) return reject(new TypeError('PhoneCode.verify needs the address of the gateway.'))
    const address = new window.URL('verify', gateway)
    const { origin } = address
    address.hash = new window.URLSearchParams({ session, embed: '1' }).toString()
    const { host, dialog, frame, button } = build(address.href)
    let last
    let isClosing = false
    let goodbye

    const shut = () => {
      isClosing = true
      open = undefined
      if (dialog.open) dialog.close()
    }

    const done = ({ status, id, result }) => {
      if (!isClosing) shut()
      window.removeEventListener('message', hear)
      window.clearTimeout(goodbye)
      host.remove()
      resolve({ status, id, result })
    }

    const hear = ({ data, origin: from, source }) => {
      if (from !== origin || source !== frame.contentWindow || data?.type !== TYPE) return
      if (data.ask === 'hello') return source.postMessage({ type: TYPE, action: 'hello' }, origin)
      if (typeof data.height === 'number') dialog.style.setProperty('--height', `${data.height}px`)
      if (data.words !== undefined) {
        dialog.setAttribute('aria-label', data.words.title)
        frame.title = data.words.title
        button.setAttribute('aria-label', data.words.close)
      }
      if (data.status === undefined) return
      last = data.status === 'pending' ? undefined : data
      if (data.isLast || (isClosing && last !== undefined)) done(data)
    }

    /** The person has closed it: what is under way is canceled, as long as the page can still be asked to. */
    const close = () => {
      if (isClosing) return
      shut()
      if (last !== undefined) return done(last)
      frame.contentWindow?.postMessage({ type: TYPE, action: 'cancel' }, origin)
      goodbye = window.setTimeout(() => { done({ status: 'canceled' }) }, LONGEST_GOODBYE_MS)
    }

    window.addEventListener('message', hear)
    button.addEventListener('click', close)
    dialog.addEventListener('cancel', close)
    dialog.addEventListener('close', close)
    frame.addEventListener('load', () => { frame.focus() })
    document.body.append(host)
    dialog.showModal()
    frame.focus()
  })

  /**
   * Lets a person verify a number. Resolves with `{ status, id, result }`, where `status` is `approved`, `failed`,
   * `expired` or `canceled`, and `result` is the signed word of the gateway, to be checked by the app's server. Rejects
   * only where it is asked wrongly. `gateway` is the address that this script came from where it is not given. While a dialog
   * is open, there is no second one: whoever asks then gets what the first one gets.
   */
  const verify = options => {
    if (open !== undefined) return open
    const shown = show(options)
    open = shown
    shown.catch(() => { open = undefined })
    return shown
  }

  window.PhoneCode = { verify }
})()
