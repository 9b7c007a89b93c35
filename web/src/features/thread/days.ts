// Where days, the unread divider and groups of bubbles begin.
import type { ThreadMessage } from '../../lib/inbox'

export interface MessageRow {
  kind: 'message'
  key: string
  message: ThreadMessage
  /** Whether it is the first and the last bubble of its group. */
  first: boolean
  last: boolean
}
export type Row =
  | { kind: 'day'; key: string; at: Date }
  | { kind: 'unread'; key: string; count: number }
  | MessageRow

export function keyOf(message: ThreadMessage): string {
  return message.client_message_id ?? String(message.id)
}

const times = new WeakMap<ThreadMessage, { at: Date; day: string; who: string }>()

function timeOf(message: ThreadMessage) {
  let time = times.get(message)
  if (!time) {
    const at = new Date(message.created_at)
    time = { at, day: dayOf(at), who: `${message.sender}:${authorOf(message) ?? ''}` }
    times.set(message, time)
  }
  return time
}

/** The number of a group's member who wrote; null outside groups. */
export function authorOf(message: ThreadMessage): string | null {
  const payload = message.payload as { from?: unknown; group_id?: unknown } | null
  if (message.sender !== 'customer' || !payload?.group_id) return null
  return typeof payload.from === 'string' ? payload.from : null
}

export function isNotice(message: ThreadMessage): boolean {
  return message.message_type === 'system' || message.message_type === 'request_welcome'
}

function dayOf(date: Date): string {
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`
}

/** One sender within a minute: their bubbles stand together. */
function together(before: ThreadMessage | undefined, after: ThreadMessage | undefined): boolean {
  if (!before || !after || isNotice(before) || isNotice(after)) return false
  const [one, other] = [timeOf(before), timeOf(after)]
  return one.who === other.who && one.day === other.day && Math.abs(other.at.getTime() - one.at.getTime()) < 60_000
}

/** While there are older messages nobody knows whether the first one begins its day. And a row above it that leaves
 *  when they come could not hold the thread in its place. */
export function rowsOf(messages: ThreadMessage[], unread: { from: string; count: number } | null, hasOlder: boolean): Row[] {
  const rows: Row[] = []
  let day = hasOlder && messages[0] ? timeOf(messages[0]).day : ''
  messages.forEach((message, index) => {
    const time = timeOf(message)
    const key = keyOf(message)
    if (time.day !== day) {
      rows.push({ kind: 'day', key: `day:${time.day}:${key}`, at: time.at })
      day = time.day
    }
    const isUnread = unread?.from === key
    if (isUnread) rows.push({ kind: 'unread', key: 'unread', count: unread.count })
    const before = messages[index - 1]
    const after = messages[index + 1]
    const first = isUnread || !together(before, message)
    const last = (after !== undefined && unread?.from === keyOf(after)) || !together(message, after)
    rows.push({ kind: 'message', key, message, first, last })
  })
  return rows
}

/** The message before which the unread divider stands: the oldest of the newest `unread` messages of the customer. */
export function firstUnread(messages: ThreadMessage[], unread: number): { from: string; count: number } | null {
  let left = unread
  let oldest: ThreadMessage | null = null
  for (let index = messages.length - 1; index >= 0 && left > 0; index -= 1) {
    const message = messages[index]
    if (!message || message.sender !== 'customer' || isNotice(message)) continue
    oldest = message
    left -= 1
  }
  return oldest ? { from: keyOf(oldest), count: unread } : null
}

/** Today, yesterday, a weekday of this week, or a date; the words for the first two come from the caller. */
export function dayLabel(at: Date, now: Date, language: string, words: { today: string; yesterday: string }): string {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000)
  if (days === 0) return words.today
  if (days === 1) return words.yesterday
  if (days > 1 && days < 7) return format(language, 'weekday').format(at)
  return format(language, at.getFullYear() === now.getFullYear() ? 'day' : 'dayOfYear').format(at)
}

const shapes = {
  weekday: { weekday: 'long' },
  day: { weekday: 'long', day: 'numeric', month: 'long' },
  dayOfYear: { day: 'numeric', month: 'long', year: 'numeric' },
  time: { timeStyle: 'short' },
  moment: { dateStyle: 'medium', timeStyle: 'medium' },
  date: { dateStyle: 'long', timeStyle: 'short' },
} satisfies Record<string, Intl.DateTimeFormatOptions>
const formats = new Map<string, Intl.DateTimeFormat>()

/** Formatters are slow to make, so each is made once. */
export function format(language: string, shape: keyof typeof shapes): Intl.DateTimeFormat {
  const key = `${language} ${shape}`
  let made = formats.get(key)
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(language, shapes[shape])))
  return made
}
