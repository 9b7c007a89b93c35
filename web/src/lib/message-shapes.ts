// What messages carry beside their text.

import type { components } from './api.gen'

/** A file of a message. `announced`: the server is still fetching it. `mime_type` is what the bytes are once stored. */
export type Media = components['schemas']['Media']

/** What WhatsApp sends as a file of its own. */
export type FileKind = 'image' | 'video' | 'audio' | 'document' | 'sticker'

export interface Version {
  message: string
  replaced_at: string
}

export interface Place {
  latitude: number
  longitude: number
  name?: string
  address?: string
}
export interface ContactCard {
  name: { formatted_name: string; first_name?: string }
  phones: { phone: string; type?: string }[]
}
export interface ListRow {
  id: string
  title: string
  description?: string
}
/** Meta's form of what has buttons. */
export type Interactive = { body: { text: string }; header?: { type: 'text'; text: string }; footer?: { text: string } } & (
  | { type: 'button'; action: { buttons: { type: 'reply'; reply: { id: string; title: string } }[] } }
  | { type: 'list'; action: { button: string; sections: { title?: string; rows: ListRow[] }[] } }
  | { type: 'cta_url'; action: { name: 'cta_url'; parameters: { display_text: string; url: string } } }
  | { type: 'location_request_message'; action: { name: 'send_location' } }
)
export type TemplateChoice = components['schemas']['TemplateChoice']

/** What is sent beside text and files. */
export type Structured =
  | { message_type: 'location'; location: Place }
  | { message_type: 'contacts'; contacts: ContactCard[] }
  | { message_type: 'interactive'; interactive: Interactive }
  | { message_type: 'template'; template: TemplateChoice }
