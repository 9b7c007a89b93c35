import { InfiniteQueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { aConversation, aMessage, aNumber, anEvent, minute } from '../../../tests/builders'
import type { PhoneNumber } from '../inbox'
import { createQueryClient, keepAnswersCurrent } from '../workspace'
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

describe('an event about a conversation that went into another one', () => {
  it('has both threads and the lists loaded anew', () => {
    load(aMessage(1))
    queries.setQueryData(threadQuery(2).queryKey, { pages: [{ messages: [], has_more: false }], pageParams: [null] })
    queries.setQueryData(keys.conversation(1), aConversation(1))
    queries.setQueryData(conversationsQuery(all).queryKey, { pages: [], pageParams: [] })
    const merged = anEvent(1, { conversation: aConversation(2) }, 'conversation.merged')
    applyEvent(queries, { ...merged, conversation_id: 1 })
    for (const key of [keys.messages(1), keys.messages(2), keys.conversation(1), keys.conversations(all)]) {
      expect(queries.getQueryState(key)?.isInvalidated, JSON.stringify(key)).toBe(true)
    }
  })
})

describe('an event about a conversation', () => {
  beforeEach(() => {
    const numbers = [aNumber({ unread_count: 3 }), aNumber({ phone_number_id: 'n2' })]
    queries.setQueryData(keys.phoneNumbers, numbers, { updatedAt: Date.now() - 60_000 })
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

  describe('when the counts have just been loaded', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    it('asks once more, because they may have counted it already', () => {
      queries.setQueryData(keys.phoneNumbers, [aNumber({ unread_count: 4 })])
      const ask = vi.spyOn(queries, 'invalidateQueries')
      const grown = (unread: number) => aConversation(1, { unread_count: unread, last_message_at: minute(20 + unread) })
      for (const unread of [4, 5, 6]) applyEvent(queries, anEvent(unread, { conversation: grown(unread) }))
      expect(ask).not.toHaveBeenCalled()
      vi.advanceTimersByTime(2_500)
      expect(ask).toHaveBeenCalledTimes(1)
    })
  })
})

describe('an answer that is on its way while events come', () => {
  const first = { messages: [aMessage(5)], has_more: true }
  const older = { messages: [aMessage(4)], has_more: false }
  const recent = new RecentEvents()
  const happen = (event: ReturnType<typeof anEvent>) => {
    recent.add(event)
    applyEvent(queries, event)
  }
  beforeEach(() => keepAnswersCurrent(queries, recent))

  it('does not lose what came while older messages were loaded', async () => {
    let arrive = (_page: typeof older) => {}
    const answers = [Promise.resolve(first), new Promise<typeof older>((resolve) => (arrive = resolve))]
    const options = { ...threadQuery(1), queryFn: () => answers.shift() ?? Promise.reject(new Error('asked too often')) }
    const observer = new InfiniteQueryObserver(queries, options)
    const unsubscribe = observer.subscribe(() => {})
    await vi.waitFor(() => expect(thread().length).toBe(1))
    const loading = observer.fetchNextPage()
    happen(anEvent(1, { message: aMessage(6) }))
    arrive(older)
    await loading
    expect(thread().map(({ id }) => id)).toEqual([4, 5, 6])
    unsubscribe()
  })

  it('does not lose what came while a list of several pages was loaded anew', async () => {
    const key = conversationsQuery(all).queryKey
    const pages = [
      { conversations: [aConversation(9), aConversation(8)], next_cursor: 'c' },
      { conversations: [aConversation(7)], next_cursor: null },
    ]
    queries.setQueryData(key, { pages, pageParams: [null, 'c'] })
    let arrive = () => {}
    const second = new Promise<void>((resolve) => (arrive = resolve))
    const asked = vi.fn(async ({ pageParam }: { pageParam: string | null }) => {
      if (pageParam === null) return pages[0] as (typeof pages)[number]
      await second
      return pages[1] as (typeof pages)[number]
    })
    const observer = new InfiniteQueryObserver(queries, { ...conversationsQuery(all), queryFn: asked })
    const unsubscribe = observer.subscribe(() => {})
    const loading = queries.invalidateQueries()
    await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(2))
    happen(anEvent(2, { conversation: aConversation(8, { unread_count: 1, last_message_at: minute(30) }) }))
    arrive()
    await loading
    expect(queries.getQueryData(key)?.pages.flatMap((page) => page.conversations.map(({ id }) => id))).toEqual([8, 9, 7])
    unsubscribe()
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
