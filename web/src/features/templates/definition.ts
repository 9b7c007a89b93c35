// A template as Meta keeps it, read into what a person has to give before it can be sent. The server checks the same
// (server/wa/template_message): what is unknown here is left to it.
import type { FileKind } from '../../lib/message-shapes'
import type { Template } from '../../lib/templates'
import { list, object, text, type Json } from '../thread/payload'

export interface Variable {
  name: string
  /** What was given at Meta as an example; may be empty. */
  example: string
}
export type Header =
  | { format: 'TEXT'; text: string; variable: Variable | null }
  | { format: 'IMAGE' | 'VIDEO' | 'DOCUMENT' }
  | { format: 'LOCATION' }
  | { format: 'OTHER' }

export type ButtonKind = 'reply' | 'link' | 'phone' | 'code' | 'one_time_code' | 'flow' | 'other'
export interface TemplateButton {
  index: number
  kind: ButtonKind
  text: string
  /** With its variable, if it has one. */
  url: string
  phone: string
  /** What has to be typed for it. */
  needs: 'address' | 'code' | null
  example: string
}
export interface Definition {
  header: Header | null
  body: string
  variables: Variable[]
  footer: string
  buttons: TemplateButton[]
}

const kPlaceholder = /\{\{ *(\w{1,64}) *\}\}/gu

/** The names of a text's variables: numbers in their order, others as they come. */
export function variablesOf(words: string): string[] {
  const names = [...new Set([...words.matchAll(kPlaceholder)].map(([, name = '']) => name))]
  return names.every((name) => /^\d+$/u.test(name)) ? names.sort((a, b) => Number(a) - Number(b)) : names
}

/** The text with `value` in place of each variable. */
export function replaceVariables(words: string, value: (name: string) => string): string {
  return words.replaceAll(kPlaceholder, (_, name: string) => value(name))
}

export function readTemplate(template: Pick<Template, 'category' | 'components'>): Definition {
  const components = list(template.components)
  const component = (type: string) => components.find((one) => text(one.type).toUpperCase() === type)
  const isAuthentication = template.category.toUpperCase() === 'AUTHENTICATION'
  const body = component('BODY')
  // The words of an authentication template are Meta's own, and lists may leave them out.
  const words = text(body?.text) || (body && isAuthentication ? '{{1}}' : '')
  const examples = examplesOf(object(body?.example))
  const variables = variablesOf(words).map((name, at) => ({ name, example: examples(name, at) }))
  return {
    header: headerOf(component('HEADER')),
    body: words,
    variables,
    footer: text(component('FOOTER')?.text),
    buttons: list(component('BUTTONS')?.buttons).map((button, index) => buttonOf(button, index, isAuthentication && variables.length > 0)),
  }
}

function headerOf(header: Json | undefined): Header | null {
  if (!header) return null
  const format = text(header.format).toUpperCase() || 'TEXT'
  if (format === 'IMAGE' || format === 'VIDEO' || format === 'DOCUMENT' || format === 'LOCATION') return { format }
  if (format !== 'TEXT') return { format: 'OTHER' }
  const words = text(header.text)
  const [name] = variablesOf(words)
  const example = object(header.example)
  const [positional] = texts(example.header_text)
  const named = list(example.header_text_named_params).find((one) => text(one.param_name) === name)
  return { format: 'TEXT', text: words, variable: name ? { name, example: text(named?.example) || (positional ?? '') } : null }
}

function examplesOf(example: Json): (name: string, at: number) => string {
  const [row] = Array.isArray(example.body_text) ? example.body_text : []
  const positional = texts(row)
  const named = list(example.body_text_named_params)
  return (name, at) => text(named.find((one) => text(one.param_name) === name)?.example) || (positional[at] ?? '')
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : typeof value === 'string' ? [value] : []
}

function buttonOf(button: Json, index: number, codeIsInBody: boolean): TemplateButton {
  const kind = kindOf(button)
  const url = kind === 'link' ? text(button.url) : ''
  const needs = kind === 'link' && variablesOf(url).length > 0 ? 'address' : kind === 'code' || (kind === 'one_time_code' && !codeIsInBody) ? 'code' : null
  const [example = ''] = texts(button.example)
  return { index, kind, text: text(button.text), url, phone: text(button.phone_number), needs, example: needs ? lastPart(example, url) : '' }
}

function kindOf(button: Json): ButtonKind {
  switch (text(button.type).toUpperCase()) {
    case 'QUICK_REPLY':
      return 'reply'
    case 'URL':
      // Meta's own link of an authentication template copies its code.
      return text(button.url).includes('otp_type=') ? 'one_time_code' : 'link'
    case 'PHONE_NUMBER':
    case 'VOICE_CALL':
      return 'phone'
    case 'COPY_CODE':
      return 'code'
    case 'OTP':
      return 'one_time_code'
    case 'FLOW':
      return 'flow'
    default:
      return 'other'
  }
}

/** Meta gives the whole address as the example; only what stands for the variable is typed. */
function lastPart(example: string, url: string): string {
  const [before = ''] = url.split('{{')
  return before !== '' && example.startsWith(before) ? example.slice(before.length) : example
}

/** What the header's file is sent as; null when it has none. */
export function fileKindOf(header: Header | null): FileKind | null {
  const kinds = { IMAGE: 'image', VIDEO: 'video', DOCUMENT: 'document' } as const
  return header && header.format in kinds ? kinds[header.format as keyof typeof kinds] : null
}

/** For the list: the body's beginning on one line. */
export function excerptOf(template: Template): string {
  return readTemplate(template).body.replaceAll(/\s+/gu, ' ').slice(0, 160)
}
