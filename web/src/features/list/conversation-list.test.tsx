import { QueryClientProvider } from '@tanstack/react-query'
import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { createRef } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { aConversation, minute } from '../../../tests/builders'
import { upsertConversation } from '../../lib/cache/patch'
import type { Conversation } from '../../lib/inbox'
import { openWorkspace, type Workspace } from '../../lib/workspace'
import { TooltipProvider } from '../../ui/tooltip'
import { ConversationList, type ListActions } from './conversation-list'

let opened: Workspace
let asked: URLSearchParams[]
let answer: (query: URLSearchParams) => Response

beforeEach(() => {
  asked = []
  // Where nothing is laid out, everything has this size; without it no row is in view.
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600)
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(360)
  HTMLElement.prototype.scrollTo = () => {}
  vi.stubGlobal('fetch', async (path: string) => {
    const url = new URL(path, location.origin)
    if (!url.pathname.endsWith('/conversations')) return Response.json({ phone_numbers: [] })
    asked.push(url.searchParams)
    return answer(url.searchParams)
  })
  opened = openWorkspace('u1', { current: async () => null, refreshed: async () => null })
})
afterEach(() => {
  opened.close()
  vi.unstubAllGlobals()
})

function serverHas(...conversations: Conversation[]) {
  answer = (query) => {
    const q = query.get('q')?.toLowerCase() ?? ''
    const found = conversations
      .filter((one) => one.customer_name.toLowerCase().includes(q))
      .filter((one) => query.get('unread') !== 'true' || one.unread_count > 0)
    return Response.json({ conversations: found, next_cursor: null })
  }
}

function show({ simulatorUrl = null as string | null } = {}) {
  const onSelect = vi.fn()
  const actions = createRef<ListActions>()
  const list = (selectedId: number | null) => (
    <QueryClientProvider client={opened.queries}>
      <TooltipProvider>
        <ConversationList
          selectedId={selectedId}
          onSelect={onSelect}
          onNew={() => {}}
          unreadTotal={0}
          simulatorUrl={simulatorUrl}
          actions={actions}
        />
      </TooltipProvider>
    </QueryClientProvider>
  )
  const { rerender } = render(list(null))
  return { onSelect, actions, user: userEvent.setup(), select: (id: number | null) => rerender(list(id)) }
}
const rows = () => screen.getAllByRole('option').map((row) => row.textContent ?? '')

describe('the conversation list', () => {
  it('shows who, what, how many are unread, and how far our last message came', async () => {
    serverHas(
      aConversation(3, { customer_name: 'Ana', preview: 'Is it blue?', unread_count: 2 }),
      aConversation(2, { customer_name: '', customer_phone: '16505551234', preview: '', last_message_type: 'image' }),
      aConversation(1, { customer_name: 'Ben', last_message_sender: 'agent', last_message_status: 'read' }),
    )
    show()
    expect(await screen.findByRole('option', { name: /Ana.*Is it blue\?.*2 unread messages/ })).toBeVisible()
    expect(screen.getByRole('option', { name: /\+1 650 555 1234.*Photo/ })).toBeVisible()
    expect(screen.getByRole('option', { name: /Ben.*Read/ })).toBeVisible()
  })

  it('previews without markup, and names kinds in the own language', async () => {
    serverHas(
      aConversation(2, { customer_name: 'Ana', preview: '*Hello* _there_' }),
      aConversation(1, { customer_name: 'Ben', preview: 'Image', last_message_type: 'image' }),
    )
    show()
    expect(await screen.findByText('Hello there')).toBeVisible()
    expect(screen.getByText('Photo')).toBeVisible()
  })

  it('says when the window closes soon or is closed', async () => {
    const inAnHour = new Date(Date.now() + 90 * 60_000).toISOString()
    serverHas(aConversation(2, { window_expires_at: inAnHour }), aConversation(1, { window_expires_at: minute(0) }))
    vi.setSystemTime(new Date())
    show()
    expect(await screen.findByText(/closes soon/)).toBeInTheDocument()
    expect(screen.getByText('1 h')).toBeVisible()
  })

  it('moves a conversation up when a message arrives', async () => {
    serverHas(aConversation(2), aConversation(1))
    show()
    await screen.findByRole('option', { name: /Customer 2/ })
    act(() => upsertConversation(opened.queries, aConversation(1, { last_message_at: minute(50), preview: 'New!' })))
    await waitFor(() => expect(rows()[0]).toContain('New!'))
  })

  it('is worked by keyboard', async () => {
    serverHas(aConversation(3), aConversation(2), aConversation(1))
    const { onSelect, actions, user } = show()
    await screen.findByRole('option', { name: /Customer 3/ })
    act(() => actions.current?.move(1))
    expect(screen.getByRole('listbox')).toHaveFocus()
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}{Enter}')
    expect(onSelect).toHaveBeenCalledWith(2)
    await user.keyboard('{End}{Enter}')
    expect(onSelect).toHaveBeenLastCalledWith(1)
  })

  it('goes on from where one was, not from the top', async () => {
    serverHas(aConversation(3), aConversation(2), aConversation(1))
    const { onSelect, user, select } = show()
    await user.click(await screen.findByRole('option', { name: /Customer 2/ }))
    select(2)
    select(null)
    await user.keyboard('{ArrowDown}{Enter}')
    expect(onSelect).toHaveBeenLastCalledWith(1)
  })

  it('searches on the server once the typing rests', async () => {
    serverHas(aConversation(2, { customer_name: 'Ana' }), aConversation(1, { customer_name: 'Ben' }))
    const { user } = show()
    await screen.findByRole('option', { name: /Ana/ })
    await user.type(screen.getByRole('searchbox'), 'ben')
    await waitFor(() => expect(screen.queryByRole('option', { name: /Ana/ })).not.toBeInTheDocument())
    expect(asked.map((query) => query.get('q'))).toEqual([null, 'ben'])
    await user.type(screen.getByRole('searchbox'), 'zzz')
    expect(await screen.findByText('No name or number contains “benzzz”.')).toBeVisible()
    await user.click(screen.getAllByRole('button', { name: 'Clear search' })[0]!)
    expect(await screen.findByRole('option', { name: /Ana/ })).toBeVisible()
  })

  it('lists unread ones alone, and says when there are none', async () => {
    serverHas(aConversation(1))
    const { user } = show()
    await screen.findByRole('option')
    await user.click(screen.getByRole('button', { name: 'Unread' }))
    expect(await screen.findByText('All read')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Show all' }))
    expect(await screen.findByRole('option')).toBeVisible()
  })

  it('says how to get the first conversation', async () => {
    serverHas()
    show({ simulatorUrl: 'http://127.0.0.1:8081' })
    expect(await screen.findByRole('link', { name: /simulator/ })).toHaveAttribute('href', 'http://127.0.0.1:8081')
  })

  it('can be asked again after an error', async () => {
    answer = () =>
      Response.json({ code: 'forbidden', detail: 'No.', status: 403, title: 'Forbidden' }, { status: 403 })
    const { user } = show()
    expect(await screen.findByText(/not a member of this inbox/)).toBeVisible()
    serverHas(aConversation(1))
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByRole('option')).toBeVisible()
  })
})
