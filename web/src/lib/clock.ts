import { createStore, type Store } from './store'

/** One clock for all countdowns: ticks as often as the most eager of those who watch it, and not at all for nobody. */
export interface Clock {
  readonly now: Store<number>
  /** Returns what ends it. */
  tickAtLeastEvery(ms: number): () => void
  /** Takes over the server's time, so that a wrong clock here does not bend a countdown. */
  correct(serverTime: string): void
}

export function createClock(): Clock {
  let ahead = 0
  const now = createStore(Date.now())
  const wishes: number[] = []
  let timer: ReturnType<typeof setInterval> | undefined
  const tick = () => now.set(Date.now() + ahead)
  function rewind(): void {
    clearInterval(timer)
    timer = wishes.length > 0 ? setInterval(tick, Math.min(...wishes)) : undefined
  }
  return {
    now,
    tickAtLeastEvery(ms) {
      wishes.push(ms)
      rewind()
      tick()
      return () => {
        wishes.splice(wishes.indexOf(ms), 1)
        rewind()
      }
    },
    correct(serverTime) {
      const difference = Date.parse(serverTime) - Date.now()
      if (Number.isNaN(difference)) return
      // Less than the time a frame may travel is not a wrong clock.
      ahead = Math.abs(difference) > 5_000 ? difference : 0
      tick()
    },
  }
}
