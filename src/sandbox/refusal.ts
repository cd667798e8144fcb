/** Why the service does not do what a request asks, as it says it: a status and a body. */
export class Refusal {
  readonly status: number
  readonly body: unknown

  constructor (status: number, body: unknown) {
    this.status = status
    this.body = body
  }
}

/** The usual shape of an error of Azure. */
export const azureError = (status: number, code: string, message: string): Refusal =>
  new Refusal(status, { error: { code, message } })

/** The shape of a wrong field in the SMS service, which has no code. */
export const wrongField = (field: string, message: string): Refusal => new Refusal(400, { [field]: [message] })
