// How numbers of people and moments are written.

/** For the list: the time today, the weekday within a week, otherwise the date. */
export function listTime(iso: string, now: Date, locale: string): string {
  const at = new Date(iso)
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at.getTime(), locale)
  if (days === 1) return capitalised(new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-1, 'day'), locale)
  if (days < 7) return capitalised(new Intl.DateTimeFormat(locale, { weekday: 'long' }).format(at), locale)
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: '2-digit' } as const)
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...year }).format(at)
}

/** Midnights between the two, in this browser's time zone. */
export function daysBetween(earlier: Date, later: Date): number {
  const midnight = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((midnight(later) - midnight(earlier)) / 86_400_000)
}

export function clockTime(ms: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(ms)
}

export function fullTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'short' }).format(new Date(iso))
}

function capitalised(text: string, locale: string): string {
  const [first = ''] = text
  return first.toLocaleUpperCase(locale) + text.slice(first.length)
}

const kTwoDigitCodes = new Set(
  '20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98'.split(
    ' ',
  ),
)

/** A WhatsApp id or number for reading: `+1 650 555 1234`. What is grouped already, or is
 *  not a number (a hidden one's id), stays as it is. */
export function formatPhone(phone: string): string {
  const digits = phone.replace(/^\+/, '')
  if (!/^\d{7,15}$/.test(digits)) return phone
  const length = /^[17]/.test(digits) ? 1 : kTwoDigitCodes.has(digits.slice(0, 2)) ? 2 : 3
  const code = digits.slice(0, length)
  return `+${code} ${inGroups(code, digits.slice(length)).join(' ')}`
}

/** How the digits behind the country code are grouped, by country code and their number; otherwise by their number. */
const kGroups: Record<string, number[]> = {
  '55/11': [2, 5, 4],
  '55/10': [2, 4, 4],
  '91/10': [5, 5],
  '33/9': [1, 2, 2, 2, 2],
  '6': [3, 3],
  '7': [3, 4],
  '8': [4, 4],
  '9': [3, 3, 3],
  '10': [3, 3, 4],
  '11': [3, 4, 4],
  '12': [4, 4, 4],
}

function inGroups(code: string, digits: string): string[] {
  const lengths = kGroups[`${code}/${digits.length}`] ?? kGroups[digits.length] ?? [digits.length]
  let at = 0
  return lengths.map((length) => digits.slice(at, (at += length)))
}

/** Who it is: the name, or the number when there is none. */
export function contactTitle(contact: { customer_name: string; customer_phone: string }): string {
  return contact.customer_name.trim() || formatPhone(contact.customer_phone)
}
