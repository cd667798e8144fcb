// Loaded before the gateway: its clock runs apart from that of the machine, by as many milliseconds as CHAOS_SKEW says.
const skew = Number(process.env.CHAOS_SKEW)
const RealDate = Date

globalThis.Date = class Date extends RealDate {
  constructor (...parts) {
    if (parts.length === 0) super(RealDate.now() + skew)
    else super(...parts)
  }

  static now () {
    return RealDate.now() + skew
  }
}
