// What WhatsApp asks of structured messages (reference 10.2 and 10.3), checked before anything is sent.
import { readPhone } from '../../details/phone-input'
import type { Interactive, ListRow, Place, Structured } from '../../../lib/message-shapes'

export const kMost = { body: 1024, footer: 60, button: 20, buttons: 3, rows: 10, rowTitle: 24, rowDetail: 72, section: 24, header: 60 } as const

/** Problems by field; each is a key of `form.problem`. */
export type Problems = Record<string, string>

/** "52.52, 13.405" or the like. */
export function readCoordinates(latitude: string, longitude: string): { place: Place } | { problems: Problems } {
  const read = (written: string, most: number) => {
    const value = Number(written.trim().replace(',', '.'))
    return written.trim() !== '' && Number.isFinite(value) && Math.abs(value) <= most ? value : null
  }
  const [north, east] = [read(latitude, 90), read(longitude, 180)]
  if (north !== null && east !== null) return { place: { latitude: north, longitude: east } }
  return { problems: { ...(north === null ? { latitude: 'latitude' } : {}), ...(east === null ? { longitude: 'longitude' } : {}) } }
}

export function readContact(name: string, phone: string): { content: Structured } | { problems: Problems } {
  const read = readPhone(phone)
  if (name.trim() === '' || 'problem' in read) {
    return { problems: { ...(name.trim() === '' ? { name: 'empty' } : {}), ...('problem' in read ? { phone: 'phone' } : {}) } }
  }
  const [first = name] = name.trim().split(/\s+/u)
  const card = { name: { formatted_name: name.trim(), first_name: first }, phones: [{ phone: `+${read.digits}` }] }
  return { content: { message_type: 'contacts', contacts: [card] } }
}

export interface Draft {
  header: string
  body: string
  footer: string
  buttons: string[]
  listButton: string
  rows: { title: string; description: string }[]
  linkText: string
  link: string
}
export const kEmpty: Draft = { header: '', body: '', footer: '', buttons: [''], listButton: '', rows: [{ title: '', description: '' }], linkText: '', link: '' }

/** The message of a draft, or what is wrong with it. Rows and buttons that were left empty do not count. */
export function readInteractive(type: Interactive['type'], draft: Draft): { content: Structured } | { problems: Problems } {
  const problems: Problems = {}
  const body = draft.body.trim()
  if (body === '') problems.body = 'empty'
  const buttons = draft.buttons.map((title) => title.trim())
  const rows = draft.rows.map(({ title, description }) => ({ title: title.trim(), description: description.trim() }))
  if (type === 'button') Object.assign(problems, titlesProblem('button', buttons))
  if (type === 'list') {
    Object.assign(problems, titlesProblem('row', rows.map(({ title }) => title)))
    rows.forEach(({ title, description }, index) => {
      if (title === '' && description !== '') problems[`row${index}`] = 'empty'
    })
    if (draft.listButton.trim() === '') problems.listButton = 'empty'
  }
  const link = draft.link.trim()
  if (type === 'cta_url') {
    if (draft.linkText.trim() === '') problems.linkText = 'empty'
    if (!URL.canParse(link) || !/^https?:$/u.test(new URL(link).protocol)) problems.link = 'link'
  }
  if (Object.keys(problems).length > 0) return { problems }

  const footer = draft.footer.trim()
  const header = draft.header.trim()
  const common = {
    body: { text: body },
    ...(header && type !== 'location_request_message' ? { header: { type: 'text' as const, text: header } } : {}),
    ...(footer && type !== 'location_request_message' ? { footer: { text: footer } } : {}),
  }
  return { content: { message_type: 'interactive', interactive: { ...common, ...actionOf() } } }

  function actionOf() {
    switch (type) {
      case 'button': {
        const made = buttons.filter(Boolean).map((title, index) => ({ type: 'reply' as const, reply: { id: `button-${index + 1}`, title } }))
        return { type, action: { buttons: made } }
      }
      case 'list': {
        const made = rows.filter(({ title }) => title).map(({ title, description }, index): ListRow => {
          return { id: `row-${index + 1}`, title, ...(description ? { description } : {}) }
        })
        return { type, action: { button: draft.listButton.trim(), sections: [{ rows: made }] } }
      }
      case 'cta_url':
        return { type, action: { name: 'cta_url' as const, parameters: { display_text: draft.linkText.trim(), url: link } } }
      case 'location_request_message':
        return { type, action: { name: 'send_location' as const } }
    }
  }
}

function titlesProblem(name: string, titles: string[]): Problems {
  const problems: Problems = {}
  if (titles.every((title) => title === '')) problems[`${name}0`] = 'empty'
  titles.forEach((title, index) => {
    if (title !== '' && titles.indexOf(title) !== index) problems[`${name}${index}`] = 'twice'
  })
  return problems
}
