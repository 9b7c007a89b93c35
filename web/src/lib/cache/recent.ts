import type { LiveEvent } from '../live/frames'

const kKept = 2_000

/** The last events, so that an answer which was on its way while they came can be brought up to date. */
export class RecentEvents {
  private events: LiveEvent[] = []
  private dropped = 0

  add(event: LiveEvent): void {
    this.events.push(event)
    if (this.events.length > kKept) {
      this.dropped += this.events.length - kKept / 2
      this.events = this.events.slice(-kKept / 2)
    }
  }

  mark(): number {
    return this.dropped + this.events.length
  }

  since(mark: number): readonly LiveEvent[] {
    return this.events.slice(Math.max(0, mark - this.dropped))
  }
}
