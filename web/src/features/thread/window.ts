// The customer service window as people see it: how long free-form replies are still allowed.
import type { Conversation } from '../../lib/inbox'

export type WindowState =
  | { kind: 'unknown' }
  | { kind: 'open' | 'closing'; closesAt: Date; leftMs: number }
  | { kind: 'closed'; closedAt: Date }

const kClosing = 2 * 3_600_000

export function windowState(conversation: Conversation, now: Date): WindowState {
  if (!conversation.window_expires_at) return { kind: 'unknown' }
  const closesAt = new Date(conversation.window_expires_at)
  const leftMs = closesAt.getTime() - now.getTime()
  if (leftMs <= 0) return { kind: 'closed', closedAt: closesAt }
  return { kind: leftMs < kClosing ? 'closing' : 'open', closesAt, leftMs }
}

/** "23 h", "1 h 5 min", "4 min" in the reader's language; under a minute it says one. */
export function duration(ms: number, language: string): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000))
  const unit = (value: number, name: 'hour' | 'minute') =>
    new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value)
  const hours = Math.floor(minutes / 60)
  if (hours >= 3) return unit(hours, 'hour')
  if (hours === 0) return unit(minutes, 'minute')
  return minutes % 60 === 0 ? unit(hours, 'hour') : `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}`
}
