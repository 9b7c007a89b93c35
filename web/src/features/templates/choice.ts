// What was typed for a template: what is still missing, how it reads, and the request that sends it.
import type { Place, TemplateChoice } from '../../lib/message-shapes'
import type { Problem } from '../../lib/problem'
import type { Template } from '../../lib/templates'
import { readCoordinates } from '../composer/forms/checks'
import { fileKindOf, replaceVariables, variablesOf, type Definition, type TemplateButton } from './definition'

/** By field: `body.2`, `header.text`, `header.latitude`, `button.0`. */
export type Values = Readonly<Record<string, string>>
export interface HeaderFile {
  mediaId: number
  name: string
}
/** Problems by field: a key of `problem`, or the server's own words. */
export type Problems = Record<string, { key: string } | { words: string }>

export const kFileField = 'header.media_id'
const kLongestCode = 15

export const valueOf = (values: Values, field: string) => values[field] ?? ''

/** The fields in the order in which they stand in the form. */
export function fieldsOf({ header, variables, buttons }: Definition): string[] {
  return [
    ...(header?.format === 'TEXT' && header.variable ? ['header.text'] : []),
    ...(fileKindOf(header) ? [kFileField] : []),
    ...(header?.format === 'LOCATION' ? ['header.latitude', 'header.longitude', 'header.name', 'header.address'] : []),
    ...variables.map(({ name }) => `body.${name}`),
    ...buttons.filter(({ needs }) => needs).map(({ index }) => `button.${index}`),
  ]
}

export function check(definition: Definition, values: Values, file: HeaderFile | null): Problems {
  const problems: Problems = {}
  for (const field of fieldsOf(definition)) {
    if (field === 'header.name' || field === 'header.address') continue
    const key = field === kFileField ? (file ? null : 'file') : problemOfValue(valueOf(values, field), buttonAt(definition, field))
    if (key) problems[field] = { key }
  }
  if (definition.header?.format === 'LOCATION') {
    const read = readCoordinates(valueOf(values, 'header.latitude'), valueOf(values, 'header.longitude'))
    if ('problems' in read) for (const key of Object.keys(read.problems)) problems[`header.${key}`] = { key }
  }
  return problems
}

const buttonAt = ({ buttons }: Definition, field: string) => buttons.find(({ index }) => field === `button.${index}`)

function problemOfValue(value: string, button: TemplateButton | undefined): string | null {
  if (value.trim() === '') return 'empty'
  // Meta refuses these in any variable.
  if (/[\n\r\t]|\s{5}/u.test(value)) return 'spaces'
  if (button?.needs === 'address' && value.includes(' ')) return 'address'
  return button?.needs === 'code' && [...value].length > kLongestCode ? 'code' : null
}

export function requestOf(template: Template, definition: Definition, values: Values, file: HeaderFile | null): TemplateChoice {
  const { header, variables, buttons } = definition
  const choice: TemplateChoice = { name: template.name, language: template.language }
  if (header?.format === 'TEXT' && header.variable) choice.header = { text: valueOf(values, 'header.text') }
  if (fileKindOf(header) && file) {
    choice.header = { media_id: file.mediaId, ...(header?.format === 'DOCUMENT' && file.name ? { file_name: file.name } : {}) }
  }
  const place = header?.format === 'LOCATION' ? placeOf(values) : null
  if (place) choice.header = { location: place }
  if (variables.length > 0) choice.body = Object.fromEntries(variables.map(({ name }) => [name, valueOf(values, `body.${name}`)]))
  const needed = buttons.filter(({ needs }) => needs)
  if (needed.length > 0) choice.buttons = needed.map(({ index }) => ({ index, text: valueOf(values, `button.${index}`) }))
  return choice
}

/** As far as it is typed; null without coordinates. */
export function placeOf(values: Values): Place | null {
  const read = readCoordinates(valueOf(values, 'header.latitude'), valueOf(values, 'header.longitude'))
  if (!('place' in read)) return null
  const [name, address] = [valueOf(values, 'header.name').trim(), valueOf(values, 'header.address').trim()]
  return { ...read.place, ...(name ? { name } : {}), ...(address ? { address } : {}) }
}

/** The field that the server found fault with; null when it is none of the form's. */
export function fieldOf(member: unknown, definition: Definition): string | null {
  const path = typeof member === 'string' ? member.replace(/^template\./u, '') : ''
  const place = /^header\.location\.?(.*)$/u.exec(path)
  if (place) return `header.${place[1] || 'latitude'}`
  const [, at] = /^buttons\[(\d+)\]/u.exec(path) ?? []
  if (at !== undefined) {
    const needed = definition.buttons.filter(({ needs }) => needs)
    // The place in the request, which has only those buttons that need something.
    const button = needed[Number(at)] ?? needed.find(({ index }) => index === Number(at))
    return button ? `button.${button.index}` : null
  }
  if (path === 'header') return fieldsOf(definition).find((field) => field.startsWith('header.')) ?? null
  if (path === 'body') return fieldsOf(definition).find((field) => field.startsWith('body.')) ?? null
  return fieldsOf(definition).includes(path) ? path : null
}

export function problemsOf(problem: Problem, definition: Definition): Problems | null {
  const field = problem.member === 'media_id' && fileKindOf(definition.header) ? kFileField : fieldOf(problem.member, definition)
  return field ? { [field]: { words: problem.detail } } : null
}

// Unfilled variables travel through the markup's parser as one private character each.
const kFirst = 0xe000
const kLast = 0xf8ff

/** The text with what was typed in it; each open variable is one character that `openVariable` tells the name of. */
export function filled(words: string, value: (name: string) => string): { text: string; open: string[] } {
  const open: string[] = []
  const plain = words.replaceAll(/[\ue000-\uf8ff]/gu, '')
  const text = replaceVariables(plain, (name) => {
    const typed = value(name).replaceAll(/[\ue000-\uf8ff]/gu, '')
    if (typed.trim() !== '') return typed
    const at = open.includes(name) ? open.indexOf(name) : open.push(name) - 1
    return String.fromCharCode(Math.min(kLast, kFirst + at))
  })
  return { text, open }
}

/** A piece of text cut at its open variables. */
export function cutAtOpen(piece: string, open: string[]): ({ words: string } | { variable: string })[] {
  return piece
    .split(/([\ue000-\uf8ff])/u)
    .filter((part) => part !== '')
    .map((part) => {
      const code = part.charCodeAt(0)
      const name = part.length === 1 && code >= kFirst && code <= kLast ? open[code - kFirst] : undefined
      return name === undefined ? { words: part } : { variable: name }
    })
}

/** A link button's address as the customer gets it; null while its variable is open. */
export function addressOf(button: TemplateButton, values: Values): string | null {
  const typed = valueOf(values, `button.${button.index}`).trim()
  if (variablesOf(button.url).length > 0 && typed === '') return null
  return replaceVariables(button.url, () => typed)
}
