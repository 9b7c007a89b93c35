/** The digits of a number as somebody typed it; null when it cannot be one. An international prefix is left out. */
export function readPhone(typed: string): { digits: string } | { problem: 'empty' | 'letters' | 'short' | 'long' } {
  const bare = typed.trim().replaceAll(/[\s().\-\u2010-\u2015\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
  const western = bare.replaceAll(/\p{Nd}/gu, (digit) => String(valueOf(digit)))
  const [, digits] = /^(?:\+|00)?(\d*)$/u.exec(western) ?? []
  if (western === '' || western === '+') return { problem: 'empty' }
  if (digits === undefined) return { problem: 'letters' }
  if (digits.length < 7) return { problem: 'short' }
  return digits.length > 15 ? { problem: 'long' } : { digits }
}

/** Unicode's decimal digits stand in runs of ten, zero first. */
function valueOf(digit: string): number {
  let value = 0
  const code = digit.codePointAt(0) ?? 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1
  return value
}
