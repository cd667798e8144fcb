import type { Topic } from './sql.ts'

/** Who in this process follows what. */
export interface Followers {
  /** Adds one, and gives the function that takes it away; calling that again does nothing. */
  add (topic: Topic, wake: () => void): () => void
  wake (topic: Topic): void
  wakeAll (): void
  count (): number
}

export const createFollowers = (): Followers => {
  const all = new Set<{ readonly topic: Topic, readonly wake: () => void }>()
  return {
    add (topic, wake) {
      const follower = { topic, wake }
      all.add(follower)
      return () => { all.delete(follower) }
    },
    wake (topic) {
      for (const follower of [...all]) if (follower.topic === topic) follower.wake()
    },
    wakeAll () {
      for (const { wake } of [...all]) wake()
    },
    count: () => all.size
  }
}
