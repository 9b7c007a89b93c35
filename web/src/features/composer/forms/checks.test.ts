import { describe, expect, it } from 'vitest'
import { kEmpty, readContact, readCoordinates, readInteractive } from './checks'

describe('places', () => {
  it.each([
    ['52.5', '13,4', { place: { latitude: 52.5, longitude: 13.4 } }],
    ['91', '13', { problems: { latitude: 'latitude' } }],
    ['', 'x', { problems: { latitude: 'latitude', longitude: 'longitude' } }],
  ])('%s, %s', (latitude, longitude, read) => expect(readCoordinates(latitude, longitude)).toEqual(read))
})

describe('contact cards', () => {
  it('have a name and an international number', () => {
    expect(readContact(' Ana Souza ', '+55 (11) 91234-5678')).toEqual({
      content: {
        message_type: 'contacts',
        contacts: [{ name: { formatted_name: 'Ana Souza', first_name: 'Ana' }, phones: [{ phone: '+5511912345678' }] }],
      },
    })
    expect(readContact('', '12')).toEqual({ problems: { name: 'empty', phone: 'phone' } })
  })
})

describe('messages with buttons', () => {
  it('leave out what was left empty', () => {
    expect(readInteractive('button', { ...kEmpty, body: ' Sure? ', buttons: ['Yes', '', 'No '] })).toEqual({
      content: {
        message_type: 'interactive',
        interactive: {
          type: 'button',
          body: { text: 'Sure?' },
          action: { buttons: [{ type: 'reply', reply: { id: 'button-1', title: 'Yes' } }, { type: 'reply', reply: { id: 'button-2', title: 'No' } }] },
        },
      },
    })
  })

  it.each([
    ['button', { body: '' }, { body: 'empty', button0: 'empty' }],
    ['button', { body: 'x', buttons: ['A', 'A'] }, { button1: 'twice' }],
    ['list', { body: 'x', rows: [{ title: '', description: 'd' }] }, { row0: 'empty', listButton: 'empty' }],
    ['cta_url', { body: 'x', linkText: 'Go', link: 'javascript:alert(1)' }, { link: 'link' }],
    ['location_request_message', { body: ' ' }, { body: 'empty' }],
  ] as const)('%s with %j is not sent', (type, draft, problems) => {
    const { buttons = kEmpty.buttons, rows = kEmpty.rows, ...rest } = draft as Partial<typeof kEmpty>
    expect(readInteractive(type, { ...kEmpty, ...rest, buttons: [...buttons], rows: [...rows] })).toEqual({ problems })
  })
})
