import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { createRef, useState } from 'react'
import { beforeEach, expect, it, vi } from 'vitest'
import type { ToSend } from '../../lib/outbox'
import { TooltipProvider } from '../../ui/tooltip'
import { aMessage } from './testing'
import { ThreadComposer, type ThreadComposerHandle } from './thread-composer'
import type { WindowState } from './window'

vi.mock('../../lib/inbox', () => ({
  announceTyping: () => {},
  useConnectionState: () => 'live',
  useDraft: () => useState(''),
  usePresence: () => ({ viewing: [], typing: [] }),
}))
const opened = {}
vi.mock('../../lib/workspace', () => ({ workspace: () => opened }))

const open: WindowState = { kind: 'open', closesAt: new Date('2026-11-24T10:00:00Z'), leftMs: 20 * 3_600_000 }
const onSend = vi.fn<(what: ToSend) => void>()
let conversations = 0

beforeEach(() => {
  onSend.mockReset()
  URL.createObjectURL = () => 'blob:x'
  URL.revokeObjectURL = () => {}
})

function show(conversationId = ++conversations) {
  const ref = createRef<ThreadComposerHandle>()
  const shown = render(<ThreadComposer ref={ref} conversationId={conversationId} customerName="Maria" window={open} onSend={onSend} />, {
    wrapper: TooltipProvider,
  })
  return { handle: () => ref.current!, conversationId, ...shown }
}
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' })
const aPdf = (name: string) => new File(['x'], name, { type: 'application/pdf' })
const sent = () => onSend.mock.calls.map(([{ text, file, replyTo }]) => [text, file?.name, replyTo?.id])

it('answers a message once, and lets Escape take that back', () => {
  const { handle } = show()
  act(() => handle().reply(aMessage({ id: 5, message: 'Which size?' })))
  expect(screen.getByText('Which size?')).toBeTruthy()
  expect(document.activeElement).toBe(field())
  fireEvent.change(field(), { target: { value: 'M' } })
  fireEvent.keyDown(field(), { key: 'Enter' })
  expect(screen.queryByText('Which size?')).toBeNull()
  fireEvent.change(field(), { target: { value: 'Sure?' } })
  act(() => handle().reply(aMessage({ id: 6, message: 'Another' })))
  fireEvent.keyDown(field(), { key: 'Escape' })
  fireEvent.keyDown(field(), { key: 'Enter' })
  expect(sent()).toEqual([['M', undefined, 5], ['Sure?', undefined, undefined]])
})

it('sends files in their order; the first is the answer and has the text', async () => {
  const { handle } = show()
  act(() => handle().reply(aMessage({ id: 5 })))
  act(() => handle().addFiles([aPdf('a.pdf'), aPdf('b.pdf')]))
  await waitFor(() => expect(screen.getAllByRole('listitem')).toHaveLength(2))
  fireEvent.change(field(), { target: { value: 'Both' } })
  fireEvent.click(screen.getByRole('button', { name: 'Send' }))
  expect(sent()).toEqual([['Both', 'a.pdf', 5], [undefined, 'b.pdf', undefined]])
  expect(screen.queryByRole('list', { name: 'Files to be sent' })).toBeNull()
})

it('keeps the files of a conversation while another one is looked at', async () => {
  const first = show()
  act(() => first.handle().addFiles([aPdf('a.pdf')]))
  await screen.findByText('a.pdf')
  first.unmount()
  show().unmount()
  show(first.conversationId)
  expect(screen.getByText('a.pdf')).toBeTruthy()
})
