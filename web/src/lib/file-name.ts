// Bidirectional controls make "exe.pdf" out of "fdp.exe"; control characters and slashes have no place in a name.
const kUnseen = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** A file's name as it may be shown and saved; empty when there is none. */
export function plainFileName(name: string | null | undefined): string {
  const plain = (name ?? '').replace(kUnseen, '').replace(/[/\\]/gu, '_').trim()
  return plain.length > 120 ? `${plain.slice(0, 90)}…${plain.slice(-25)}` : plain
}

/** What to call a saved file that came without a name. */
export function fileNameFor(kind: string, id: number, mimeType: string | null): string {
  const part = mimeType?.split(';')[0]?.split('/')[1]?.replace(/^x-/u, '') ?? ''
  const ending = kEndings[part] ?? (/^[a-z0-9]{2,5}$/u.test(part) ? part : 'bin')
  return `${kind}-${id}.${ending}`
}
const kEndings: Record<string, string> = { jpeg: 'jpg', plain: 'txt', mpeg: 'mp3', quicktime: 'mov', '3gpp': '3gp' }

/** "1.2 MB" in the reader's language; steps of 1024 as WhatsApp's limits have them. */
export function fileSize(bytes: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const step = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log(bytes) / Math.log(1024)))
  const value = bytes / 1024 ** step
  const maximumFractionDigits = step >= 2 && value < 10 ? 1 : 0
  const format = { style: 'unit', unit: units[step], unitDisplay: 'short', maximumFractionDigits } as const
  return new Intl.NumberFormat(locale, format).format(value)
}
