import type { TwilioAccount } from './twilio/account.ts'

/** What the sandbox is as Azure and as Twilio. */
export interface SandboxAccounts {
  readonly connectionString: string
  /** Audience of the tokens on call events. */
  readonly resourceId: string
  readonly callbackIssuer: string
  readonly callbackJwksUrl: string
  readonly cognitiveServicesEndpoint: string
  readonly sourcePhoneNumbers: readonly string[]
  readonly twilio: TwilioAccount
}

/** The settings by which a gateway on that port takes the sandbox for Azure and for Twilio. */
export const gatewaySettings = (sandbox: SandboxAccounts, port: number): Readonly<Record<string, string>> => ({
  ACS_CONNECTION_STRING: sandbox.connectionString,
  ACS_SOURCE_PHONE_NUMBER: sandbox.sourcePhoneNumbers.join(','),
  ACS_COGNITIVE_SERVICES_ENDPOINT: sandbox.cognitiveServicesEndpoint,
  ACS_CALLBACK_URL: `http://127.0.0.1:${port}/events`,
  ACS_RESOURCE_ID: sandbox.resourceId,
  ACS_CALLBACK_ISSUER: sandbox.callbackIssuer,
  ACS_CALLBACK_JWKS_URL: sandbox.callbackJwksUrl,
  // What is configured for Twilio's own hosts and for the way there from outside does not hold for this one.
  PUBLIC_URL: `http://127.0.0.1:${port}`,
  TWILIO_BASE_URL: sandbox.twilio.baseUrl,
  TWILIO_REGION: '',
  TWILIO_EDGE: '',
  TWILIO_ACCOUNT_SID: sandbox.twilio.accountSid,
  TWILIO_AUTH_TOKEN: sandbox.twilio.authToken,
  TWILIO_PHONE_NUMBER: sandbox.twilio.phoneNumber,
  TWILIO_WHATSAPP_NUMBER: sandbox.twilio.whatsappNumber,
  TWILIO_WHATSAPP_CONTENT_SID: sandbox.twilio.contentSid,
  TWILIO_VERIFY_SID: sandbox.twilio.verifySid
})
