import { describe, expect, it } from 'vitest'
import { readTemplate, replaceVariables, variablesOf } from './definition'
import { aTemplate } from './testing'

const read = (...components: unknown[]) => readTemplate(aTemplate(components))
const button = (it: object) => read({ type: 'BUTTONS', buttons: [it] }).buttons[0]

it.each([
  ['Hi {{2}} and {{ 1 }}, {{10}}', ['1', '2', '10']],
  ['Hi {{first_name}}, {{day}}', ['first_name', 'day']],
  ['{{1}} {{1}}', ['1']],
  ['no {{}} {{ a b }} {1}', []],
])('finds the variables of %j', (words, names) => {
  expect(variablesOf(words)).toEqual(names)
})

it('replaces every variable, and no braces of other kinds', () => {
  expect(replaceVariables('{{1}} {{a b}} {{ 1 }}', (name) => `<${name}>`)).toBe('<1> {{a b}} <1>')
})

it('reads numbered variables with their examples', () => {
  const { body, variables } = read({ type: 'BODY', text: 'Hi {{1}}, {{2}}', example: { body_text: [['Ana', '48213']] } })
  expect(body).toBe('Hi {{1}}, {{2}}')
  expect(variables).toEqual([
    { name: '1', example: 'Ana' },
    { name: '2', example: '48213' },
  ])
})

it('reads named variables with their examples, types in either case', () => {
  const example = { body_text_named_params: [{ param_name: 'day', example: 'Monday' }, { param_name: 'first_name', example: 'Ana' }] }
  const { variables, footer } = read({ type: 'body', text: '{{first_name}}, {{day}}', example }, { type: 'footer', text: 'Bye' })
  expect(variables).toEqual([
    { name: 'first_name', example: 'Ana' },
    { name: 'day', example: 'Monday' },
  ])
  expect(footer).toBe('Bye')
})

describe('headers', () => {
  it.each(['IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION'])('%s', (format) => {
    expect(read({ type: 'HEADER', format: format.toLowerCase() }).header).toEqual({ format })
  })
  it('of text have a variable or not', () => {
    expect(read({ type: 'HEADER', format: 'TEXT', text: 'Sale' }).header).toEqual({ format: 'TEXT', text: 'Sale', variable: null })
    expect(read({ type: 'HEADER', format: 'TEXT', text: 'For {{1}}', example: { header_text: ['Ana'] } }).header).toMatchObject({ variable: { name: '1', example: 'Ana' } })
    const named = { header_text_named_params: [{ param_name: 'who', example: 'Ana' }] }
    expect(read({ type: 'HEADER', format: 'TEXT', text: '{{who}}', example: named }).header).toMatchObject({ variable: { name: 'who', example: 'Ana' } })
  })
  it('of unknown kinds are told apart from none', () => {
    expect(read({ type: 'HEADER', format: 'HOLOGRAM' }).header).toEqual({ format: 'OTHER' })
    expect(read({ type: 'BODY', text: 'Hi' }).header).toBeNull()
  })
})

describe('buttons', () => {
  it.each([
    [{ type: 'QUICK_REPLY', text: 'Yes' }, 'reply', null],
    [{ type: 'URL', text: 'Shop', url: 'https://example.com/' }, 'link', null],
    [{ type: 'url', text: 'Track', url: 'https://example.com/{{1}}' }, 'link', 'address'],
    [{ type: 'PHONE_NUMBER', text: 'Call', phone_number: '+15550051310' }, 'phone', null],
    [{ type: 'VOICE_CALL', text: 'Talk' }, 'phone', null],
    [{ type: 'COPY_CODE', text: 'Copy offer code', example: ['25OFF'] }, 'code', 'code'],
    [{ type: 'OTP', otp_type: 'COPY_CODE', text: 'Copy code' }, 'one_time_code', 'code'],
    [{ type: 'FLOW', text: 'Book' }, 'flow', null],
    [{ type: 'MPM', text: 'View' }, 'other', null],
    [{}, 'other', null],
  ])('%j', (given, kind, needs) => {
    expect(button(given)).toMatchObject({ index: 0, kind, needs })
  })
  it('show what of an example is typed', () => {
    const url = 'https://example.com/track/{{1}}'
    expect(button({ type: 'URL', url, example: ['https://example.com/track/48213'] })?.example).toBe('48213')
    expect(button({ type: 'URL', url, example: '48213' })?.example).toBe('48213')
  })
})

it('takes the code of an authentication template from its body', () => {
  const otp = { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Copy code', url: 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}' }] }
  const { body, variables, buttons } = readTemplate(aTemplate([{ type: 'BODY' }, otp], { category: 'AUTHENTICATION' }))
  expect(body).toBe('{{1}}')
  expect(variables).toEqual([{ name: '1', example: '' }])
  expect(buttons[0]).toMatchObject({ kind: 'one_time_code', needs: null, url: '' })
})

it.each([[[null, 5, 'x', { type: 'BODY' }]], [[{ type: 'BUTTONS', buttons: 'none' }]], [[{ type: 'HEADER' }]]])('survives %j', (components) => {
  expect(() => read(...components)).not.toThrow()
})
