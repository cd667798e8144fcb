/** How long a code lives, as it is told: whole minutes, not one too many, and at least one. The lifetime is milliseconds. */
export const minutesOf = (lifetime: number): number => Math.max(1, Math.floor(lifetime / 60_000))
