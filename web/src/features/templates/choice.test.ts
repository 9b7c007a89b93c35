import { describe, expect, it } from 'vitest'
import { addressOf, check, cutAtOpen, fieldOf, fieldsOf, filled, problemsOf, requestOf } from './choice'
import { readTemplate } from './definition'
import { aTemplate } from './testing'

const whole = aTemplate([
  { type: 'HEADER', format: 'TEXT', text: 'For {{1}}' },
  { type: 'BODY', text: 'Order {{1}} comes {{2}}' },
  {
    type: 'BUTTONS',
    buttons: [
      { type: 'QUICK_REPLY', text: 'Stop' },
      { type: 'URL', text: 'Track', url: 'https://example.com/{{1}}' },
      { type: 'COPY_CODE', text: 'Copy' },
    ],
  },
])
const definition = readTemplate(whole)
const full = { 'header.text': 'Ana', 'body.1': '48213', 'body.2': 'on Monday', 'button.1': 'abc', 'button.2': 'SAVE25' }

it('asks for everything that is variable, in the order of the form', () => {
  expect(fieldsOf(definition)).toEqual(['header.text', 'body.1', 'body.2', 'button.1', 'button.2'])
  expect(Object.keys(check(definition, {}, null))).toEqual(fieldsOf(definition))
  expect(check(definition, full, null)).toEqual({})
})

it('makes the request', () => {
  expect(requestOf(whole, definition, full, null)).toEqual({
    name: 'order_update',
    language: 'en_US',
    header: { text: 'Ana' },
    body: { '1': '48213', '2': 'on Monday' },
    buttons: [
      { index: 1, text: 'abc' },
      { index: 2, text: 'SAVE25' },
    ],
  })
})

it('sends nothing but the name when nothing is variable', () => {
  const plain = aTemplate([{ type: 'BODY', text: 'Hi' }, { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Yes' }] }])
  expect(requestOf(plain, readTemplate(plain), {}, null)).toEqual({ name: 'order_update', language: 'en_US' })
})

it('sends named variables by name', () => {
  const named = aTemplate([{ type: 'BODY', text: '{{first_name}}, {{day}}' }], { parameter_format: 'NAMED' })
  const values = { 'body.first_name': 'Ana', 'body.day': 'Monday' }
  expect(requestOf(named, readTemplate(named), values, null).body).toEqual({ first_name: 'Ana', day: 'Monday' })
})

it.each([
  ['body.1', ' ', 'empty'],
  ['body.1', 'a\nb', 'spaces'],
  ['body.1', 'a\tb', 'spaces'],
  ['body.1', 'a     b', 'spaces'],
  ['button.1', 'a b', 'address'],
  ['button.2', '1234567890123456', 'code'],
])('%s does not take %j', (field, value, key) => {
  expect(check(definition, { ...full, [field]: value }, null)).toEqual({ [field]: { key } })
})

describe('headers with a file', () => {
  const of = (format: string) => {
    const template = aTemplate([{ type: 'HEADER', format }, { type: 'BODY', text: 'Hi' }])
    return { template, definition: readTemplate(template) }
  }
  it.each(['IMAGE', 'VIDEO', 'DOCUMENT'])('%s', (format) => {
    const { template, definition } = of(format)
    expect(check(definition, {}, null)).toEqual({ 'header.media_id': { key: 'file' } })
    const file = { mediaId: 12, name: 'plan.pdf' }
    expect(check(definition, {}, file)).toEqual({})
    expect(requestOf(template, definition, {}, file).header).toEqual({ media_id: 12, ...(format === 'DOCUMENT' ? { file_name: 'plan.pdf' } : {}) })
  })
})

describe('a header with a location', () => {
  const template = aTemplate([{ type: 'HEADER', format: 'LOCATION' }])
  const read = readTemplate(template)
  it('needs both coordinates', () => {
    expect(check(read, {}, null)).toEqual({ 'header.latitude': { key: 'latitude' }, 'header.longitude': { key: 'longitude' } })
    expect(check(read, { 'header.latitude': '91', 'header.longitude': '13.4' }, null)).toEqual({ 'header.latitude': { key: 'latitude' } })
  })
  it('sends name and address when there are any', () => {
    const values = { 'header.latitude': '52.5', 'header.longitude': '13.4', 'header.name': 'Shop ' }
    expect(check(read, values, null)).toEqual({})
    expect(requestOf(template, read, values, null).header).toEqual({ location: { latitude: 52.5, longitude: 13.4, name: 'Shop' } })
  })
})

it.each([
  ['template.body.2', 'body.2'],
  ['template.body', 'body.1'],
  ['template.header.text', 'header.text'],
  ['template.header', 'header.text'],
  // The place in the request, where the quick reply is left out.
  ['template.buttons[0].text', 'button.1'],
  ['template.buttons[1].text', 'button.2'],
  ['template.buttons[7].text', null],
  ['template.body.9', null],
  ['template.name', null],
  ['to', null],
  [undefined, null],
])('an error at %s is shown at %s', (member, field) => {
  expect(fieldOf(member, definition)).toBe(field)
})

it('shows errors of files and places at their fields', () => {
  const image = readTemplate(aTemplate([{ type: 'HEADER', format: 'IMAGE' }]))
  const location = readTemplate(aTemplate([{ type: 'HEADER', format: 'LOCATION' }]))
  expect(fieldOf('template.header.media_id', image)).toBe('header.media_id')
  expect(fieldOf('template.header.location.longitude', location)).toBe('header.longitude')
  expect(fieldOf('template.header.location', location)).toBe('header.latitude')
  const problem = { status: 415, code: 'unsupported_media_type', member: 'media_id', detail: 'Not an image.' }
  expect(problemsOf(problem, image)).toEqual({ 'header.media_id': { words: 'Not an image.' } })
  expect(problemsOf(problem, definition)).toBeNull()
})

describe('filling in', () => {
  it('marks what is open, and what is typed is not taken for more of it', () => {
    const { text, open } = filled('*{{1}}* and {{day}} and {{1}}', (name) => (name === 'day' ? '\ue000{{1}}' : ' '))
    expect(open).toEqual(['1'])
    expect(cutAtOpen(text, open)).toEqual([{ words: '*' }, { variable: '1' }, { words: '* and {{1}} and ' }, { variable: '1' }])
  })
  it('fills addresses once something is typed', () => {
    const track = definition.buttons[1]!
    expect(addressOf(track, {})).toBeNull()
    expect(addressOf(track, { 'button.1': ' abc ' })).toBe('https://example.com/abc')
  })
})
