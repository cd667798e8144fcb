/** An address that leads, or should lead, to the gateway. */
export interface GatewayAddress {
  /** The setting that says so. */
  readonly setting: string
  readonly base: URL
}
