import { describe, expect, it } from 'vitest'
import { cutPoint, parseInline, parseMarkup, plainText, type Inline } from './markup'

/** A tree in short: b(bold) i(italic) s(strike) c[code] a[link]. */
function short(nodes: Inline[]): string {
  return nodes
    .map((node) => {
      if (node.kind === 'text') return node.text
      if (node.kind === 'code') return `c[${node.text}]`
      if (node.kind === 'link') return `a[${node.text}]`
      return `${node.kind.charAt(0)}(${short(node.children)})`
    })
    .join('')
}

describe('inline markup', () => {
  it.each([
    ['*bold*', 'b(bold)'],
    ['_italic_', 'i(italic)'],
    ['~gone~', 's(gone)'],
    ['`code`', 'c[code]'],
    ['a *b* c', 'a b(b) c'],
    ['(*b*), yes', '(b(b)), yes'],
    ['*_~all~_*', 'b(i(s(all)))'],
    ['*a _b* c_', 'b(a _b) c_'],
    ['*two words* and *two more*', 'b(two words) and b(two more)'],
    ['`*not bold*`', 'c[*not bold*]'],
    ['* not bold *', '* not bold *'],
    ['*not bold', '*not bold'],
    ['2*3*4', '2*3*4'],
    ['snake_case_name', 'snake_case_name'],
    ['naïve_é_x', 'naïve_é_x'],
    ['**', '**'],
    ['***', '***'],
    ['*a*b', '*a*b'],
    ['*a*.', 'b(a).'],
    ['*жирный* текст', 'b(жирный) текст'],
    ['*عريض*', 'b(عريض)'],
    ['*😀*', 'b(😀)'],
  ])('%s', (text, tree) => {
    expect(short(parseInline(text))).toBe(tree)
  })
})

describe('links', () => {
  it.each([
    ['see https://example.com/a_b_c now', 'see a[https://example.com/a_b_c] now'],
    ['(https://example.com)', '(a[https://example.com])'],
    ['https://example.com.', 'a[https://example.com].'],
    ['https://en.wikipedia.org/wiki/A_(b)', 'a[https://en.wikipedia.org/wiki/A_(b)]'],
    ['*https://example.com*', 'b(a[https://example.com])'],
    ['www.example.com/x', 'a[www.example.com/x]'],
    ['write to a.b@example.co.uk!', 'write to a[a.b@example.co.uk]!'],
    ['_me@example.com_', 'i(a[me@example.com])'],
    ['call +1 650 555 1234', 'call +1 650 555 1234'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['data:text/html,x', 'data:text/html,x'],
    ['https://', 'https://'],
    ['http://nodots', 'http://nodots'],
  ])('%s', (text, tree) => {
    expect(short(parseInline(text))).toBe(tree)
  })

  it('leads only to web and mail addresses', () => {
    const links = parseInline('https://a.example www.b.example c@d.example').filter((node) => node.kind === 'link')
    expect(links.map((link) => link.href)).toEqual(['https://a.example/', 'https://www.b.example/', 'mailto:c@d.example'])
  })

  it('ends at characters that would turn the address around', () => {
    expect(short(parseInline('https://good.example/\u202Emoc.live'))).toBe('a[https://good.example/]\u202Emoc.live')
  })
})

describe('blocks', () => {
  it('keeps lines together and does not cross them', () => {
    expect(parseMarkup('*a\nb*')).toEqual([
      { kind: 'text', lines: [[{ kind: 'text', text: '*a' }], [{ kind: 'text', text: 'b*' }]] },
    ])
  })

  it('knows quotes, bullets, numbers and code', () => {
    const kinds = parseMarkup('> said\n- one\n* two\n1. first\n2. second\n7. seventh\n```\nx *y*\n```\nend').map((block) => block.kind)
    expect(kinds).toEqual(['quote', 'bullets', 'numbers', 'numbers', 'pre', 'text'])
    expect(parseMarkup('```x *y*```')).toEqual([{ kind: 'pre', text: 'x *y*' }])
  })

  it('takes a bold line for what it is', () => {
    expect(parseMarkup('*bold* line')[0]?.kind).toBe('text')
  })

  it('gives plain text without markers', () => {
    expect(plainText(parseMarkup('*Hi* _you_\n> said'))).toBe('Hi you\nsaid')
  })
})

describe('hostile text', () => {
  it('stays text', () => {
    const html = '<img src=x onerror=alert(1)><script>alert(1)</script>'
    expect(parseMarkup(html)).toEqual([{ kind: 'text', lines: [[{ kind: 'text', text: html }]] }])
  })

  it.each([
    ['asterisks', '*'.repeat(60_000)],
    ['openings', '*a '.repeat(20_000)],
    ['mixed openings', '*a _b ~c '.repeat(6_600)],
    ['backticks', '`'.repeat(60_000)],
    ['words', 'a'.repeat(60_000)],
    ['addresses', 'a@'.repeat(30_000)],
    ['parentheses', `https://e.example/${')'.repeat(59_000)}`],
    ['overrides', '\u202E'.repeat(60_000)],
  ])('loses nothing of 60,000 %s', (_, text) => {
    expect(plainText(parseMarkup(text)).length).toBeGreaterThan(text.length * 0.95)
  })
})

describe('cutting', () => {
  it('prefers a space and never halves a character', () => {
    expect(cutPoint('short', 10)).toBe(5)
    expect(cutPoint(`${'a'.repeat(95)} ${'b'.repeat(50)}`, 100)).toBe(95)
    expect(cutPoint('😀'.repeat(100), 101)).toBe(100)
  })
})
