// WhatsApp's text markup as a tree that React can render. Nothing here makes HTML, so nothing can be injected.
// Rules: *bold* _italic_ ~strike~ `code` ```block```; a marker touches its text, stands at a word's edge and does not
// cross lines (the block may); `> quote`, `- item`, `* item` and `1. item` at the beginning of a line.

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'strike'; children: Inline[] }
  | { kind: 'code'; text: string }
  | { kind: 'link'; text: string; href: string }

export type Block =
  | { kind: 'text' | 'quote' | 'bullets'; lines: Inline[][] }
  | { kind: 'numbers'; first: number; lines: Inline[][] }
  | { kind: 'pre'; text: string }

interface Atom {
  start: number
  end: number
  node: Inline
}

const formats: Record<string, 'bold' | 'italic' | 'strike'> = { '*': 'bold', _: 'italic', '~': 'strike' }
const wordCharacter = /[\p{L}\p{N}]/u
// Addresses end before bidi controls: with them an address could be made to look like another one.
const address = String.raw`[^\s<>"'\u0060\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]`
const atoms = new RegExp(
  String.raw`\u0060([^\u0060]+)\u0060|((?:https?:\/\/|www\.)${address}+)|` +
    String.raw`((?<![\w.+-])[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9-]))`,
  'giu',
)

export function parseMarkup(text: string): Block[] {
  const blocks: Block[] = []
  // Odd parts are the insides of ```blocks```.
  const parts = text.replaceAll('\r\n', '\n').split(/```(?!`)([^]+?)```/u)
  parts.forEach((part, index) => {
    if (index % 2 === 1) return void blocks.push({ kind: 'pre', text: part.replace(/^\n|\n$/gu, '') })
    let lines = part.split('\n')
    // The line breaks around a block belong to the block.
    if (index > 0 && lines[0]?.trim() === '') lines = lines.slice(1)
    if (index < parts.length - 1 && lines.at(-1)?.trim() === '') lines = lines.slice(0, -1)
    for (const line of lines) addLine(blocks, line)
  })
  return blocks
}

function addLine(blocks: Block[], line: string): void {
  const last = blocks.at(-1)
  const [, quote] = /^> ?(.+)$/u.exec(line) ?? []
  const [, bullet] = /^[-*•] (?=\S)(.+)$/u.exec(line) ?? []
  const [, digits, numbered] = /^(\d{1,3})[.)] (?=\S)(.+)$/u.exec(line) ?? []
  if (digits !== undefined && numbered !== undefined) {
    const continues = last?.kind === 'numbers' && last.first + last.lines.length === Number(digits)
    if (continues) last.lines.push(parseInline(numbered))
    else blocks.push({ kind: 'numbers', first: Number(digits), lines: [parseInline(numbered)] })
    return
  }
  const kind = quote !== undefined ? 'quote' : bullet !== undefined ? 'bullets' : 'text'
  const inline = parseInline(quote ?? bullet ?? line)
  if (last?.kind === kind) last.lines.push(inline)
  else blocks.push({ kind, lines: [inline] })
}

export function parseInline(line: string): Inline[] {
  return parseRange(line, 0, line.length, findAtoms(line))
}

function findAtoms(line: string): Atom[] {
  const found: Atom[] = []
  for (const match of line.matchAll(atoms)) {
    const start = match.index
    const [whole, code, web, mail] = match
    const isEdge = !isWord(line, start - 1)
    if (code !== undefined) {
      found.push({ start, end: start + whole.length, node: { kind: 'code', text: code } })
    } else if (web !== undefined && isEdge) {
      const shown = withoutTrailingPunctuation(web)
      const href = webAddress(shown)
      if (href) found.push({ start, end: start + shown.length, node: { kind: 'link', text: shown, href } })
    } else if (mail !== undefined) {
      const marker = /^[_]+/u.exec(mail)?.[0].length ?? 0
      const shown = mail.slice(marker)
      const node: Inline = { kind: 'link', text: shown, href: `mailto:${shown}` }
      if (!shown.startsWith('@')) found.push({ start: start + marker, end: start + mail.length, node })
    }
  }
  return found
}

function withoutTrailingPunctuation(url: string): string {
  let end = url.length
  while (end > 0) {
    const character = url.charAt(end - 1)
    if (character === ')' && url.slice(0, end).split('(').length >= url.slice(0, end).split(')').length) break
    if (!/[.,;:!?)\]}*_~…»”’。，、！？）]/u.test(character)) break
    end -= 1
    if (url.length - end > 20) break
  }
  return url.slice(0, end)
}

function webAddress(shown: string): string | null {
  const full = /^www\./iu.test(shown) ? `https://${shown}` : shown
  if (!URL.canParse(full)) return null
  const url = new URL(full)
  return url.hostname.includes('.') || url.hostname === 'localhost' ? url.href : null
}

/** The nodes of line[from, to). Every failed search for a closing marker is remembered, so that hostile text takes
 *  linear time. */
function parseRange(line: string, from: number, to: number, known: Atom[]): Inline[] {
  const out: Inline[] = []
  const hopeless = new Set<string>()
  let next = known.findIndex((atom) => atom.start >= from)
  if (next === -1) next = known.length
  let plainFrom = from
  const flush = (end: number) => {
    if (end > plainFrom) out.push({ kind: 'text', text: line.slice(plainFrom, end) })
  }
  let at = from
  while (at < to) {
    const atom = known[next]
    if (atom && atom.start < at) {
      next += 1
      continue
    }
    if (atom && atom.start === at && atom.end <= to) {
      flush(at)
      out.push(atom.node)
      at = plainFrom = atom.end
      continue
    }
    const marker = line.charAt(at)
    const kind = formats[marker]
    if (kind && !hopeless.has(marker) && opens(line, at, to)) {
      const close = closing(line, marker, at, to, known, next)
      if (close === -1) hopeless.add(marker)
      else {
        flush(at)
        out.push({ kind, children: parseRange(line, at + 1, close, known) })
        at = plainFrom = close + 1
        continue
      }
    }
    at += 1
  }
  flush(to)
  return out
}

function opens(line: string, at: number, to: number): boolean {
  const after = line.charAt(at + 1)
  return at + 1 < to && !isWord(line, at - 1) && after !== line.charAt(at) && !/\s/u.test(after)
}

function closing(line: string, marker: string, open: number, to: number, known: Atom[], firstAtom: number): number {
  let next = firstAtom
  for (let at = open + 2; at < to; at += 1) {
    let atom = known[next]
    while (atom && atom.end <= at) atom = known[++next]
    if (atom && atom.start <= at) {
      at = atom.end - 1
      continue
    }
    if (line.charAt(at) === marker && !/\s/u.test(line.charAt(at - 1)) && !isWord(line, at + 1)) return at
  }
  return -1
}

function isWord(line: string, at: number): boolean {
  if (at < 0 || at >= line.length) return false
  const unit = line.charCodeAt(at)
  // Half of a surrogate pair: letters beyond the basic plane are rare enough to count as none.
  return unit >= 0xd800 && unit <= 0xdfff ? false : wordCharacter.test(line.charAt(at))
}

/** The text that a tree shows, without its markers: for previews and excerpts. */
export function plainText(blocks: Block[]): string {
  const inline = (nodes: Inline[]): string =>
    nodes.map((node) => ('children' in node ? inline(node.children) : node.text)).join('')
  return blocks.map((block) => (block.kind === 'pre' ? block.text : block.lines.map(inline).join('\n'))).join('\n')
}

/** Where to cut a long text: at a space if one is near, never inside a surrogate pair. */
export function cutPoint(text: string, longest: number): number {
  if (text.length <= longest) return text.length
  const space = text.lastIndexOf(' ', longest)
  if (space > longest - 80) return space
  const unit = text.charCodeAt(longest - 1)
  return unit >= 0xd800 && unit <= 0xdbff ? longest - 1 : longest
}
