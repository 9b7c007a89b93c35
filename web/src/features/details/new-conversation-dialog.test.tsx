import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import { Tooltip } from 'radix-ui'
import { beforeEach, expect, it, vi } from 'vitest'
import { startConversation } from '../../lib/inbox'
import { NewConversationDialog } from './new-conversation-dialog'

vi.mock('../../lib/inbox', () => ({
  startConversation: vi.fn(),
  problemOf: (cause: unknown) => cause,
  usePhoneNumbers: () => [
    { phone_number_id: '1', waba_id: null, display_phone_number: '15550783881', verified_name: 'Casa Azul', unread_count: 0 },
    { phone_number_id: '2', waba_id: null, display_phone_number: '15550783882', verified_name: 'Casa Verde', unread_count: 0 },
  ],
}))

const onStarted = vi.fn()
beforeEach(() => {
  onStarted.mockReset()
  vi.mocked(startConversation).mockReset().mockResolvedValue({ conversationId: 42 })
  render(
    <Tooltip.Provider>
      <NewConversationDialog open onOpenChange={vi.fn()} onStarted={onStarted} />
    </Tooltip.Provider>,
  )
})
const fill = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } })
const send = () => fireEvent.click(screen.getByRole('button', { name: 'Send' }))

it('begins a conversation from the chosen number', async () => {
  fill('From', '2')
  fill('Customer’s number', '+1 (650) 555-1234')
  expect(screen.getByText('Will be sent to +1 650 555 1234')).toBeTruthy()
  fill('Message', 'Hello ')
  send()
  await waitFor(() => expect(onStarted).toHaveBeenCalledWith(42))
  expect(startConversation).toHaveBeenCalledExactlyOnceWith('2', '16505551234', 'Hello')
})

it('says what is missing, at the field, and goes there', () => {
  fill('Customer’s number', '12')
  send()
  expect(screen.getByText('This is too short. Begin with the country code.')).toBeTruthy()
  expect(screen.getByText('Write a message.')).toBeTruthy()
  expect(document.activeElement).toBe(screen.getByLabelText('Customer’s number'))
  expect(startConversation).not.toHaveBeenCalled()
})

it.each([
  [{ status: 400, code: 'invalid_argument', member: 'to', detail: 'to is not a number' }, 'Customer’s number', 'to is not a number'],
  [{ status: 409, code: 'window_closed', detail: 'closed' }, 'Message', /approved template can be sent now/u],
])('shows what the server refuses at its field', async (problem, label, words) => {
  vi.mocked(startConversation).mockRejectedValue(problem)
  fill('Customer’s number', '16505551234')
  fill('Message', 'Hello')
  send()
  expect(await screen.findByText(words)).toBeTruthy()
  expect(screen.getByLabelText(label).getAttribute('aria-invalid')).toBe('true')
})

it('shows other problems below', async () => {
  vi.mocked(startConversation).mockRejectedValue({ status: 0, code: 'unreachable', detail: '' })
  fill('Customer’s number', '16505551234')
  fill('Message', 'Hello')
  send()
  expect((await screen.findByRole('alert')).textContent).toContain('The server cannot be reached')
})
