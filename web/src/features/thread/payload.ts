// Reads Meta's message object, which may lack anything and hold anything.
import { formatPhone } from '../../lib/format'
import type { ThreadMessage } from '../../lib/inbox'

export type Json = Record<string, unknown>

export function object(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
export function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : []
}
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}
export function number(value: unknown): number | null {
  const read = typeof value === 'string' ? Number.parseFloat(value) : value
  return typeof read === 'number' && Number.isFinite(read) ? read : null
}

/** The part of the payload that is named like the type. */
export function contentOf(message: ThreadMessage): Json {
  return object(object(message.payload)[message.message_type])
}

/** An address that may be followed: http or https only. */
export function safeLink(value: unknown): string | null {
  const address = text(value)
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null
}

export interface Place {
  name: string
  address: string
  latitude: number | null
  longitude: number | null
}

export function placeOf(content: Json): Place {
  const [latitude, longitude] = [number(content.latitude), number(content.longitude)]
  const valid = latitude !== null && longitude !== null && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  return {
    name: text(content.name),
    address: text(content.address),
    latitude: valid ? latitude : null,
    longitude: valid ? longitude : null,
  }
}

export function mapLink({ latitude, longitude }: Place): string | null {
  if (latitude === null || longitude === null) return null
  return `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`
}

export interface Card {
  name: string
  company: string
  phones: string[]
  emails: string[]
  /** Those of the phones that a message can be sent to: digits with the country code. */
  reachable: string[]
}

export function cardsOf(message: ThreadMessage): Card[] {
  return list(object(message.payload).contacts).map((card) => {
    const name = object(card.name)
    const org = object(card.org)
    const person = text(name.formatted_name) || [text(name.first_name), text(name.last_name)].filter(Boolean).join(' ')
    const company = [text(org.title), text(org.company)].filter(Boolean).join(', ')
    return {
      name: person || text(org.company),
      company: person || text(org.title) ? company : '',
      phones: list(card.phones).map((phone) => written(phone)).filter(Boolean),
      reachable: list(card.phones).flatMap((phone) => reachable(phone)),
      emails: list(card.emails).map((email) => text(email.email)).filter(Boolean),
    }
  })
}

/** As the card has it; grouped if it is not, and known to be international. */
function written(phone: Json): string {
  const own = text(phone.phone)
  return own === '' || own.startsWith('+') ? formatPhone(own || text(phone.wa_id)) : own
}

/** WhatsApp's own id of the number, or what is written with its country code. */
function reachable(phone: Json): string[] {
  const id = text(phone.wa_id).replace(/^\+/u, '')
  if (/^\d{7,15}$/u.test(id)) return [id]
  const written = text(phone.phone).trim()
  const digits = written.replace(/\D/gu, '')
  return written.startsWith('+') && /^\d{7,15}$/u.test(digits) ? [digits] : []
}

export interface OrderLine {
  product: string
  quantity: number
  price: number | null
  currency: string
}

export function orderLines(content: Json): OrderLine[] {
  return list(content.product_items).map((item) => ({
    product: text(item.product_retailer_id),
    quantity: number(item.quantity) ?? 1,
    price: number(item.item_price),
    currency: text(item.currency),
  }))
}

export function money(amount: number, currency: string, language: string): string {
  try {
    return new Intl.NumberFormat(language, { style: 'currency', currency }).format(amount)
  } catch {
    return `${amount} ${currency}`.trim()
  }
}

/** The answers of a filled-in form, without what only machines need. */
export function formAnswers(reply: Json): [string, string][] {
  let answers: Json = {}
  try {
    answers = object(JSON.parse(text(reply.response_json)))
  } catch {
    // Not JSON: there is nothing to show.
  }
  return Object.entries(answers)
    .filter(([name, value]) => name !== 'flow_token' && value !== null && typeof value !== 'object')
    .map(([name, value]) => [name.replaceAll('_', ' '), String(value)])
}
