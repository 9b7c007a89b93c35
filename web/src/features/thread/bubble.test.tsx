import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { ThreadMessage } from '../../lib/inbox'
import { Bubble } from './bubble'
import type { BubbleActions } from './bubble-problem'
import { aMessage, ours } from './testing'

vi.mock('../../lib/inbox', () => ({
  problemOf: (cause: unknown) => ({ code: 'x', status: 409, detail: cause instanceof Error ? cause.message : '' }),
  useConnectionState: () => 'offline',
}))

let actions: BubbleActions
beforeEach(() => {
  actions = {
    retryFailed: vi.fn(() => Promise.resolve()),
    settleUnknown: vi.fn(() => Promise.resolve()),
    resend: vi.fn(),
    discard: vi.fn(),
    edit: vi.fn(),
    showNewest: vi.fn(),
  }
})

function show(message: ThreadMessage, over: Partial<Parameters<typeof Bubble>[0]> = {}) {
  return render(
    <Bubble
      message={message}
      quoted={undefined}
      customerName="Maria"
      first
      last
      flash={false}
      actions={actions}
      onReveal={vi.fn()}
      {...over}
    />,
  )
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }))

describe('states of what we sent', () => {
  it.each([
    ['queued', 'Waiting to be sent'],
    ['sent', 'Sent'],
    ['delivered', 'Delivered'],
    ['read', 'Read'],
    ['played', 'Played'],
  ] as const)('%s is named', (status, words) => {
    show(ours({ status }))
    expect(screen.getByRole('button', { name: new RegExp(`${words}, show details`, 'u') })).toBeTruthy()
  })

  it('tells when each state was reached', async () => {
    show(ours({ status: 'read', status_times: { sent_at: '2026-11-23T10:00:01Z', read_at: '2026-11-23T10:05:00Z' } }))
    fireEvent.click(screen.getByRole('button', { name: /Read, show details/u }))
    expect(await screen.findByText('The customer has seen it.')).toBeTruthy()
    expect(document.querySelectorAll('dd time')).toHaveLength(2)
  })

  it('explains a failure with advice, the title and a retry', async () => {
    show(ours({ status: 'failed', error: { code: 131026, title: 'Message undeliverable', details: 'x' } }))
    expect(screen.getByText('Not delivered: Message undeliverable')).toBeTruthy()
    expect(screen.getByText(/may not be on WhatsApp/u)).toBeTruthy()
    press('Send again')
    await waitFor(() => expect(actions.retryFailed).toHaveBeenCalledWith(1))
  })

  it("shows Meta's words when there is no advice", () => {
    show(ours({ status: 'failed', error: { code: 424242, title: 'Odd', details: 'Something odd happened' } }))
    expect(screen.getByText(/Something odd happened/u)).toBeTruthy()
  })

  it('offers no retry when the window is closed', () => {
    show(ours({ status: 'failed', error: { code: 131047, title: 'Re-engagement message', details: '' } }))
    expect(screen.queryByRole('button', { name: 'Send again' })).toBeNull()
    expect(screen.getByText(/approved template/u)).toBeTruthy()
  })

  it('says why a retry did not work', async () => {
    vi.mocked(actions.retryFailed).mockRejectedValue(new Error('No token'))
    show(ours({ status: 'failed' }))
    press('Send again')
    expect(await screen.findByText('No token')).toBeTruthy()
  })

  it('lets people settle an unknown outcome', async () => {
    show(ours({ id: 5, status: 'unknown' }))
    expect(screen.getByText('We do not know whether this arrived')).toBeTruthy()
    press('It arrived')
    await waitFor(() => expect(actions.settleUnknown).toHaveBeenCalledWith(5, true))
    press('Send again')
    await waitFor(() => expect(actions.settleUnknown).toHaveBeenCalledWith(5, false))
  })

  it('says that it was only saved', () => {
    show(ours({ status: 'not_sent' }))
    expect(screen.getByText('Saved, but not sent')).toBeTruthy()
  })
})

describe('states before the server has it', () => {
  const local = (state: 'sending' | 'waiting' | 'refused', code = '', detail = '') =>
    ours({
      id: -1,
      status: 'queued',
      client_message_id: 'c1',
      local: { clientId: 'c1', state, ...(code ? { problem: { code, detail, status: 409 } } : {}) },
    })

  it('sending', () => {
    show(local('sending'))
    expect(screen.getByText('Sending')).toBeTruthy()
  })

  it('waiting, offline', () => {
    show(local('waiting'))
    expect(screen.getByText('Will be sent when you are back online')).toBeTruthy()
  })

  it('refused: retry, edit, discard', () => {
    const message = local('refused', 'invalid_argument', 'message is too long')
    show(message)
    expect(screen.getByText('message is too long')).toBeTruthy()
    press('Send again')
    press('Edit')
    press('Discard')
    expect(actions.resend).toHaveBeenCalledWith('c1')
    expect(actions.edit).toHaveBeenCalledWith(message)
    expect(actions.discard).toHaveBeenCalledWith('c1')
  })

  it('refused because something new was written', () => {
    show(local('refused', 'newer_messages', 'There are newer messages.'))
    press('See what is new')
    press('Send anyway')
    expect(actions.showNewest).toHaveBeenCalled()
    expect(actions.resend).toHaveBeenCalledWith('c1')
  })
})

describe('contents', () => {
  it('shows hostile text as text', () => {
    show(aMessage({ message: '<img src=x onerror=alert(1)> *bold*' }))
    expect(screen.getByText('bold').tagName).toBe('STRONG')
    expect(document.querySelector('img')).toBeNull()
    expect(document.body.textContent).toContain('<img src=x onerror=alert(1)>')
  })

  it('cuts what is very long until asked', () => {
    show(aMessage({ message: 'word '.repeat(12_000) }))
    expect(document.body.textContent.length).toBeLessThan(4000)
    press('Read more')
    expect(document.body.textContent.length).toBeGreaterThan(59_000)
  })

  it('hides a deleted message and its quote', () => {
    show(aMessage({ revoked_at: '2026-11-23T10:01:00Z', reply_to_whatsapp_message_id: 'w' }))
    expect(screen.getByText('This message was deleted')).toBeTruthy()
    expect(screen.queryByText('An earlier message')).toBeNull()
  })

  it('quotes, and goes there', () => {
    const onReveal = vi.fn()
    show(aMessage({ reply_to_whatsapp_message_id: 'w1' }), { quoted: ours({ message: 'Which *size*?' }), onReveal })
    fireEvent.click(screen.getByRole('button', { name: /In reply to:.*You.*Which size\?/u }))
    expect(onReveal).toHaveBeenCalledWith('w1')
  })

  it.each([
    ['document', { document: { filename: 'receipt.pdf', mime_type: 'application/pdf', caption: 'mine' } }, ['receipt.pdf', 'mine', 'Document · PDF · cannot be opened here yet']],
    ['image', { image: { mime_type: 'image/jpeg' } }, ['Photo']],
    ['audio', { audio: { voice: true } }, ['Voice message']],
    ['order', { order: { text: 'Love these!', product_items: [{ product_retailer_id: 'A', quantity: 2, item_price: 30, currency: 'USD' }] } }, ['Order: 2 items', 'Love these!']],
    ['contacts', { contacts: [{ name: { formatted_name: 'Monica' }, phones: [{ phone: '+1 666' }] }] }, ['Monica', '+1 666']],
    ['interactive', { interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{"size":"L","flow_token":"x"}' } } }, ['Answered a form', 'L']],
    ['unsupported', { unsupported: { type: 'poll' } }, ['Unsupported message']],
    ['no_such_type', null, ['Unsupported message']],
    ['image', null, ['Photo']],
    ['location', { location: { latitude: 'x' } }, ['Location']],
  ])('%s is readable', (message_type, payload, texts) => {
    show(aMessage({ message_type, payload: payload as ThreadMessage['payload'], message: 'Summary' }))
    for (const text of texts) expect(screen.getAllByText(text).length).toBeGreaterThan(0)
  })

  it('links a place to a map, and nothing else', () => {
    const payload: unknown = { location: { latitude: 1.5, longitude: -2, url: 'javascript:alert(1)' } }
    show(aMessage({ message_type: 'location', payload: payload as ThreadMessage['payload'] }))
    const links = [...document.querySelectorAll('a')].map((link) => link.href)
    expect(links).toEqual(['https://www.openstreetmap.org/?mlat=1.5&mlon=-2#map=16/1.5/-2'])
  })

  it('shows reactions together', () => {
    const at = '2026-11-23T10:01:00Z'
    show(aMessage({ reactions: [{ sender: 'agent', emoji: '👍', at }, { sender: 'customer', emoji: '👍', at }] }))
    expect(screen.getByRole('listitem').textContent).toBe('👍2')
  })
})
