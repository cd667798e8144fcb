/** The vendor of a provider: the name of a provider begins with its vendor's. */
export const vendorOf = (provider: string): string => provider.replace(/-.*/, '')
