// The emoji with their names and keywords, from Unicode's CLDR by way of emojibase. Loaded when first asked for.

export interface Emoji {
  unicode: string
  label: string
  /** Lower case, for searching. */
  words: string
}

interface Entry {
  unicode: string
  label: string
  tags?: string[]
  group?: number
  order?: number
}

const kComponents = 2
const kRecent = 'parley.emoji'
const kMostRecent = 24

const byLanguage: Record<string, () => Promise<{ default: unknown }>> = {
  en: () => import('emojibase-data/en/compact.json'),
  es: () => import('emojibase-data/es/compact.json'),
  pt: () => import('emojibase-data/pt/compact.json'),
  hi: () => import('emojibase-data/hi/compact.json'),
}

/** In Unicode's groups and order. There are no Arabic names: Arabic gets the English ones. */
export async function loadEmoji(language: string): Promise<Emoji[][]> {
  const load = byLanguage[language.split('-')[0] ?? 'en'] ?? byLanguage.en
  const entries = ((await load?.())?.default ?? []) as Entry[]
  const groups: Emoji[][] = []
  const ordered = entries.filter((entry) => entry.group !== undefined && entry.group !== kComponents)
  ordered.sort((one, other) => (one.order ?? 0) - (other.order ?? 0))
  for (const { group = 0, unicode, label, tags = [] } of ordered) {
    const place = group > kComponents ? group - 1 : group
    const words = [label, ...tags].join(' ').toLocaleLowerCase(language)
    ;(groups[place] ??= []).push({ unicode, label, words })
  }
  return groups
}

/** Those with a word that begins with every word of the query come first, then those that contain it. */
export function search(all: Emoji[], query: string): Emoji[] {
  const wanted = query.trim().toLocaleLowerCase().split(/\s+/u)
  const begins = all.filter((emoji) => wanted.every((word) => ` ${emoji.words}`.includes(` ${word}`)))
  const contains = all.filter((emoji) => wanted.every((word) => emoji.words.includes(word)) && !begins.includes(emoji))
  return [...begins, ...contains].slice(0, 96)
}

export function recentEmoji(): string[] {
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(kRecent) ?? '[]')
    return Array.isArray(saved) ? saved.filter((entry) => typeof entry === 'string') : []
  } catch {
    return []
  }
}

export function rememberEmoji(unicode: string): void {
  const recent = [unicode, ...recentEmoji().filter((other) => other !== unicode)].slice(0, kMostRecent)
  try {
    localStorage.setItem(kRecent, JSON.stringify(recent))
  } catch {
    // A full or forbidden storage: nothing is remembered.
  }
}
