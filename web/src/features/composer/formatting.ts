// Ctrl+B and the like: puts WhatsApp's markers around the selection, or takes them away.
export const kShortcuts: Record<string, string> = { b: '*', i: '_' }

export interface Selection {
  text: string
  start: number
  end: number
}

export function toggleMarker({ text, start, end }: Selection, marker: string): Selection {
  const selected = text.slice(start, end)
  if (text.slice(start - 1, start) === marker && text.slice(end, end + 1) === marker) {
    return { text: text.slice(0, start - 1) + selected + text.slice(end + 1), start: start - 1, end: end - 1 }
  }
  // Markers touch their text: the spaces at the ends of a selection stay outside.
  const lead = selected.length - selected.trimStart().length
  const inner = selected.trim()
  const from = inner === '' ? start : start + lead
  const marked = `${marker}${inner}${marker}`
  const rest = inner === '' ? end : from + inner.length
  return {
    text: text.slice(0, from) + marked + text.slice(rest),
    start: from + 1,
    end: from + 1 + inner.length,
  }
}
