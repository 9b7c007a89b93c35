import { fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, expect, it, vi } from 'vitest'
import { ProblemError } from '../../lib/problem'
import { sendTemplate, type Template } from '../../lib/templates'
import { TemplateForm } from './form'
import { aTemplate } from './testing'

vi.mock('../../lib/templates', () => ({ sendTemplate: vi.fn(), uploadHeader: vi.fn() }))

const onSent = vi.fn()
beforeEach(() => {
  onSent.mockReset()
  vi.mocked(sendTemplate).mockReset().mockResolvedValue({ conversationId: 7 })
})
const order = aTemplate([
  { type: 'HEADER', format: 'TEXT', text: 'Your order' },
  { type: 'BODY', text: 'Hi *{{1}}*, it comes {{2}}.', example: { body_text: [['Ana', 'on Monday']] } },
  { type: 'FOOTER', text: 'Linen & Oak' },
  { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'Track', url: 'https://example.com/{{1}}' }, { type: 'PHONE_NUMBER', text: 'Call us', phone_number: '+15550051310' }] },
])
const show = (template: Template) => render(<TemplateForm template={template} recipient={{ conversationId: 7 }} onSent={onSent} />)
const preview = () => within(screen.getByRole('region', { name: 'Preview' }))
const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } })
const send = () => fireEvent.click(screen.getByRole('button', { name: 'Send' }))

it('shows the message as it is typed, and what is still open', () => {
  show(order)
  expect(preview().getByText('{{1}}', { selector: 'strong mark' })).toBeTruthy()
  expect(screen.getByLabelText('Variable 1').getAttribute('placeholder')).toBe('For example Ana')
  fill('Variable 1', 'Bea')
  expect(preview().getByText('Bea', { selector: 'strong' })).toBeTruthy()
  expect(preview().getByText('{{2}}', { selector: 'mark' })).toBeTruthy()
  fill('Last part of the link of “Track”', '48213')
  expect(preview().getByText('https://example.com/48213')).toBeTruthy()
  expect(preview().getByText('+15550051310')).toBeTruthy()
})

it('sends what was typed', async () => {
  show(order)
  fill('Variable 1', 'Bea')
  fill('Variable 2', 'today')
  fill('Last part of the link of “Track”', '48213')
  send()
  await waitFor(() => expect(onSent).toHaveBeenCalledWith(7))
  expect(sendTemplate).toHaveBeenCalledExactlyOnceWith(
    { conversationId: 7 },
    { name: 'order_update', language: 'en_US', body: { '1': 'Bea', '2': 'today' }, buttons: [{ index: 0, text: '48213' }] },
  )
})

it('says what is missing, at the field, and goes there', () => {
  show(order)
  fill('Variable 1', 'Bea')
  send()
  expect(screen.getAllByText('Fill this in.')).toHaveLength(2)
  expect(document.activeElement).toBe(screen.getByLabelText('Variable 2'))
  expect(sendTemplate).not.toHaveBeenCalled()
})

it('shows what the server refuses at its field', async () => {
  vi.mocked(sendTemplate).mockRejectedValue(new ProblemError({ status: 400, code: 'invalid_argument', member: 'template.body.2', detail: 'Too long.' }))
  show(order)
  fill('Variable 1', 'Bea')
  fill('Variable 2', 'today')
  fill('Last part of the link of “Track”', '48213')
  send()
  expect(await screen.findByText('Too long.')).toBeTruthy()
  expect(screen.getByLabelText('Variable 2').getAttribute('aria-invalid')).toBe('true')
  expect(onSent).not.toHaveBeenCalled()
})

it('shows other problems below', async () => {
  vi.mocked(sendTemplate).mockRejectedValue(new ProblemError({ status: 409, code: 'wrong_state', member: 'template.name', detail: 'Meta paused it.' }))
  show(aTemplate([{ type: 'BODY', text: 'Hi' }]))
  expect(screen.getByText(/Nothing has to be filled in/u)).toBeTruthy()
  send()
  expect((await screen.findByRole('alert')).textContent).toBe('Meta paused it.')
})

it('says why a template cannot be sent', () => {
  show(aTemplate([{ type: 'BODY', text: 'Hi {{1}}' }], { sendable: false, not_sendable_reason: 'Meta is still reviewing it.' }))
  expect(screen.getByText('Meta is still reviewing it.')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Send' })).toHaveProperty('disabled', true)
  expect(screen.queryByLabelText('Variable 1')).toBeNull()
})

it('puts no markup of others into the page', () => {
  const { container } = show(aTemplate([{ type: 'BODY', text: '<img src=x onerror=alert(1)> {{1}} javascript:alert(1)' }]))
  fill('Variable 1', '<b>bold</b>')
  expect(container.querySelector('section img, section b, section a')).toBeNull()
  expect(preview().getByText(/<b>bold<\/b>/u)).toBeTruthy()
})
