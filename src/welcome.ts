import type { Config } from './config/config.ts'

export interface WelcomeOptions {
  readonly url: string
  readonly config: Config
  /** Absent: there is no sandbox. */
  readonly handsetUrl: string | undefined
  /** The caller's secret where it was made here; one that somebody has set is not shown. */
  readonly generatedSecret: string | undefined
  /** Opens the inspector once; absent: there is none. */
  readonly inspectorUrl: string | undefined
}

const curl = (url: string, secret: string, body: object): string =>
  `  curl -sS ${url} -H 'Authorization: Bearer ${secret}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`

/** What development prints at its start: where everything is, and lines to paste. */
export const welcome = ({ url, config, handsetUrl, generatedSecret, inspectorUrl }: WelcomeOptions): string => {
  const secret = generatedSecret ?? '<your SECRET_HEADER>'
  const number = '+14155550123'
  const rule = '─'.repeat(72)
  const sandbox = handsetUrl === undefined
    ? []
    : [rule, '  SANDBOX: no provider is configured. Nothing leaves this machine, and', `  nobody is called. The handset that receives everything: ${handsetUrl}`, '  Open it: where no handset is open, calls are answered by themselves.', rule]
  const voice = config.routes.voice.names.length === 0
    ? []
    : ['', 'Speak a code in a call:', curl(`${url}/send-voice-code`, secret, { phoneNumber: number, code: '482913' })]
  const whatsapp = config.routes.whatsapp.names.length === 0
    ? []
    : ['', 'Send it by WhatsApp:', curl(`${url}/send-text-code`, secret, { phoneNumber: number, code: '482913', channel: 'whatsapp' })]
  const inspector = inspectorUrl === undefined ? [] : ['', 'Watch it live (this link opens once; later the page asks for ADMIN_SECRET):', `  ${inspectorUrl}`]
  return [
    '',
    `Phone Code Gateway  ${url}  (routes: ${url}/docs)`,
    ...sandbox,
    ...inspector,
    '',
    'Send a code as a text message:',
    curl(`${url}/send-text-code`, secret, { phoneNumber: number, code: '482913' }),
    ...voice,
    ...whatsapp,
    '',
    'See what became of it (the id is in the answer):',
    `  curl -sS ${url}/deliveries/<id> -H 'Authorization: Bearer ${secret}'`,
    '',
    'Let the gateway make a code, send it and check it (/verifications/<id>/check); or have all that done on its page, whose address is in the answer:',
    curl(`${url}/verifications`, secret, { to: number }),
    curl(`${url}/verify/sessions`, secret, { profile: 'login' }),
    '',
    'See how each provider is doing (where you have set no ADMIN_SECRET, it is in data/development-secrets.json):',
    `  curl -sS ${url}/readyz -H 'Authorization: Bearer <ADMIN_SECRET>'`,
    '',
    'Point an identity provider at it (docs/identity-providers), and see whether all is set up; in this folder:',
    '  npx phone-code-gateway setup auth0|okta|supabase|zitadel|kratos',
    '  npx phone-code-gateway doctor',
    ''
  ].join('\n')
}
