import { beforeEach, describe, expect, it } from 'vitest'
import { aConversation, aMessage, aNumber, anEvent, minute } from '../../../tests/builders'
import type { PhoneNumber } from '../inbox'
import { createQueryClient } from '../workspace'
import { applyEvent, flattenThread, outgoingMessage, placeMessage, totalUnread, upsertMessage, withPending } from './patch'
import { conversationsQuery, keys, threadQuery } from './queries'
import { RecentEvents } from './recent'

const all = { phoneNumberId: null, unread: false, q: '' }
let queries = createQueryClient()
beforeEach(() => {
  queries = createQueryClient()
})

function load(...messages: ReturnType<typeof aMessage>[]) {
  queries.setQueryData(threadQuery(1).queryKey, { pages: [{ messages, has_more: false }], pageParams: [null] })
}
const thread = () => flattenThread(queries.getQueryData(threadQuery(1).queryKey))

describe('an event about a message', () => {
  it('adds it once, however often it is told', () => {
    load(aMessage(1))
    const event = anEvent(1, { message: aMessage(2) })
    applyEvent(queries, event)
    applyEvent(queries, event)
    expect(thread().map(({ id }) => id)).toEqual([1, 2])
  })

  it('replaces what was known, on whatever page it is', () => {
    queries.setQueryData(threadQuery(1).queryKey, {
      pages: [
        { messages: [aMessage(3)], has_more: true },
        { messages: [aMessage(1), aMessage(2)], has_more: false },
      ],
      pageParams: [null, 3],
    })
    applyEvent(queries, anEvent(1, { message: aMessage(2, { message: 'edited' }) }, 'message.updated'))
    expect(thread().map(({ message }) => message)).toEqual(['Message 1', 'edited', 'Message 3'])
  })

  it('puts a late one in its place, not at the end', () => {
    load(aMessage(1), aMessage(5))
    upsertMessage(queries, aMessage(9, { created_at: minute(3) }))
    expect(thread().map(({ id }) => id)).toEqual([1, 9, 5])
  })

  it('does not put an old one in front of older ones that are not loaded', () => {
    const page = { messages: [aMessage(5)], has_more: true }
    expect(placeMessage(page, aMessage(2), true)).toBe(page)
  })

  it('loads nothing for a thread that nobody opened', () => {
    applyEvent(queries, anEvent(1, { message: aMessage(2) }))
    expect(thread()).toEqual([])
  })
})

describe('our own message', () => {
  const entry = { clientId: 'c1', localId: -1, conversationId: 1, text: 'Hi', at: minute(9), state: 'sending' } as const

  it('is shown at the end until the server shows it, never twice', () => {
    const before = withPending([aMessage(1)], [entry], 1)
    expect(before.map(({ id, local }) => [id, local?.state])).toEqual([
      [1, undefined],
      [-1, 'sending'],
    ])
    const after = withPending([aMessage(1), aMessage(2, { client_message_id: 'c1' })], [entry], 1)
    expect(after.map(({ id }) => id)).toEqual([1, 2])
  })

  it('is one bubble when its event comes after its answer', () => {
    load(aMessage(1))
    upsertMessage(queries, outgoingMessage(entry, 7, 'sent'))
    applyEvent(queries, anEvent(1, { message: aMessage(7, { sender: 'agent', client_message_id: 'c1' }) }))
    expect(thread().map(({ id }) => id)).toEqual([1, 7])
  })
})

describe('an event about a conversation', () => {
  beforeEach(() => {
    queries.setQueryData(keys.phoneNumbers, [aNumber({ unread_count: 3 }), aNumber({ phone_number_id: 'n2' })])
    queries.setQueryData(conversationsQuery(all).queryKey, {
      pages: [{ conversations: [aConversation(2), aConversation(1, { unread_count: 3 })], next_cursor: null }],
      pageParams: [null],
    })
  })
  const listed = () =>
    queries.getQueryData(conversationsQuery(all).queryKey)?.pages.flatMap((page) => page.conversations.map(({ id }) => id))
  const unread = () => totalUnread(queries.getQueryData<PhoneNumber[]>(keys.phoneNumbers) ?? [])

  it('moves it up and counts what is unread', () => {
    const conversation = aConversation(1, { unread_count: 4, last_message_at: minute(20) })
    applyEvent(queries, anEvent(1, { conversation }))
    expect(listed()).toEqual([1, 2])
    expect(unread()).toBe(4)
    applyEvent(queries, anEvent(2, { conversation: { ...conversation, unread_count: 0 } }, 'conversation.read'))
    expect(unread()).toBe(0)
  })

  it('asks for the counts when it does not know what was there before', () => {
    applyEvent(queries, anEvent(1, { conversation: aConversation(8, { unread_count: 1 }) }))
    expect(listed()).toEqual([8, 2, 1])
    expect(queries.getQueryState(keys.phoneNumbers)?.isInvalidated).toBe(true)
  })
})

describe('recent events', () => {
  it('gives back what came after a mark, also when old ones were dropped', () => {
    const recent = new RecentEvents()
    for (let offset = 1; offset <= 1_999; ++offset) recent.add(anEvent(offset, {}))
    const mark = recent.mark()
    for (let offset = 2_000; offset <= 2_010; ++offset) recent.add(anEvent(offset, {}))
    expect(recent.since(mark).map(({ offset }) => offset)).toEqual([2000, 2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2009, 2010])
  })
})
