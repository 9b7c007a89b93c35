// Events and answers become changes of what is loaded.
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query'
import type { Conversation, PhoneNumber, ServerMessage, ThreadMessage } from '../inbox'
import type { LiveEvent } from '../live/frames'
import type { OutboxEntry } from '../outbox'
import type { Workspace } from '../workspace'
import { isPassing, problemOf } from '../problem'
import { placeConversation, type ConversationPage } from './lists'
import { keys, type ConversationFilter } from './queries'

export interface MessagePage {
  messages: ServerMessage[]
  has_more: boolean
}
type Thread = InfiniteData<MessagePage>
type List = InfiniteData<ConversationPage>

export function applyEvent(queries: QueryClient, { name, conversation_id: id, data }: LiveEvent): void {
  if (name === 'conversation.merged' || name === 'conversation.split') {
    // Whole threads moved: what is loaded of them says nothing any more.
    for (const one of new Set([id, data.conversation?.id ?? id])) {
      void queries.invalidateQueries({ queryKey: keys.messages(one) })
      void queries.invalidateQueries({ queryKey: keys.conversation(one) })
    }
    void queries.invalidateQueries({ queryKey: keys.allConversations })
    void queries.invalidateQueries({ queryKey: ['contact'] })
    return
  }
  if (data.message) upsertMessage(queries, data.message)
  if (data.conversation) upsertConversation(queries, data.conversation)
}

/** The conversation as last heard of, wherever it is loaded. */
export function findConversation(queries: QueryClient, id: number): Conversation | undefined {
  const single = queries.getQueryData<Conversation>(keys.conversation(id))
  if (single) return single
  for (const [, list] of queries.getQueriesData<List>({ queryKey: keys.allConversations })) {
    for (const page of list?.pages ?? []) {
      const found = page.conversations.find((conversation) => conversation.id === id)
      if (found) return found
    }
  }
  return undefined
}

export function upsertConversation(queries: QueryClient, conversation: Conversation): void {
  const before = findConversation(queries, conversation.id)
  for (const [key, list] of queries.getQueriesData<List>({ queryKey: keys.allConversations })) {
    if (list) queries.setQueryData(key, placeConversation(list, conversation, key[1] as ConversationFilter))
  }
  if (queries.getQueryData(keys.conversation(conversation.id))) {
    queries.setQueryData(keys.conversation(conversation.id), conversation)
  }
  countUnread(queries, conversation, before)
}

function countUnread(queries: QueryClient, conversation: Conversation, before: Conversation | undefined): void {
  const numbers = queries.getQueryData<PhoneNumber[]>(keys.phoneNumbers)
  const isListed = numbers?.some(({ phone_number_id }) => phone_number_id === conversation.phone_number_id)
  if (!before || !isListed) return askForCounts(queries)
  const more = conversation.unread_count - before.unread_count
  if (more === 0) return
  // An answer that is on its way, or has just come, may or may not have counted this already.
  const counts = queries.getQueryState(keys.phoneNumbers)
  if (counts?.fetchStatus === 'fetching' || isFresh(counts?.dataUpdatedAt)) askForCounts(queries)
  const counted = (list: PhoneNumber[] | undefined) =>
    list?.map((number) =>
      number.phone_number_id === conversation.phone_number_id
        ? { ...number, unread_count: Math.max(0, number.unread_count + more) }
        : number,
    )
  // It is no younger for having been counted on.
  queries.setQueryData(keys.phoneNumbers, counted, { updatedAt: counts?.dataUpdatedAt ?? 0 })
}

const kCountPauseMs = 2_000
const askingSoon = new WeakSet<QueryClient>()
const isFresh = (at = 0) => Date.now() - at < kCountPauseMs

/** Once for all that happens in the next moments. */
function askForCounts(queries: QueryClient): void {
  if (askingSoon.has(queries)) return
  const counts = queries.getQueryState(keys.phoneNumbers)
  const isBusy = counts?.fetchStatus === 'fetching' || isFresh(counts?.dataUpdatedAt)
  if (!isBusy) return void queries.invalidateQueries({ queryKey: keys.phoneNumbers })
  askingSoon.add(queries)
  setTimeout(() => {
    askingSoon.delete(queries)
    void queries.invalidateQueries({ queryKey: keys.phoneNumbers })
  }, kCountPauseMs)
}

/** An answer puts everything under its key back to when it was asked for, earlier pages too: what happened meanwhile is
 *  applied again. */
export function catchUp(queries: QueryClient, key: QueryKey, events: readonly LiveEvent[]): void {
  const newest = new Map(events.flatMap(({ data }) => (data.conversation ? [[data.conversation.id, data.conversation]] : [])))
  if (key[0] === 'messages') {
    const messages = events.flatMap(({ data }) => data.message ?? [])
    for (const message of messages) if (message.conversation_id === key[1]) upsertMessage(queries, message)
  } else if (key[0] === 'conversation') {
    const conversation = newest.get(key[1] as number)
    if (conversation) queries.setQueryData(key, conversation)
  } else if (key[0] === 'conversations') {
    for (const conversation of newest.values()) {
      queries.setQueryData<List>(key, (list) => list && placeConversation(list, conversation, key[1] as ConversationFilter))
    }
  }
}

function isNewer(a: ServerMessage, b: ServerMessage): boolean {
  return (Date.parse(a.created_at) - Date.parse(b.created_at) || a.id - b.id) > 0
}

/** Replaces the message where it stands; otherwise adds it in order, if this is the page of the newest ones. */
export function placeMessage(page: MessagePage, message: ServerMessage, mayAdd: boolean): MessagePage {
  const at = page.messages.findIndex(({ id }) => id === message.id)
  if (at >= 0) return { ...page, messages: page.messages.with(at, message) }
  if (!mayAdd) return page
  const after = page.messages.findLastIndex((other) => isNewer(message, other))
  // Older than all of a page that has older ones behind it: it belongs there.
  if (after < 0 && page.messages.length > 0 && page.has_more) return page
  return { ...page, messages: page.messages.toSpliced(after + 1, 0, message) }
}

export function upsertMessage(queries: QueryClient, message: ServerMessage): void {
  queries.setQueryData<Thread>(keys.messages(message.conversation_id), (thread) => {
    if (!thread) return thread
    const home = thread.pages.findIndex((page) => page.messages.some(({ id }) => id === message.id))
    const index = Math.max(home, 0)
    return { ...thread, pages: thread.pages.map((page, i) => (i === index ? placeMessage(page, message, true) : page)) }
  })
}

/** The message as last heard of, if its thread is loaded. */
export function findMessage(queries: QueryClient, { id, conversation_id }: ServerMessage): ServerMessage | undefined {
  const thread = queries.getQueryData<Thread>(keys.messages(conversation_id))
  return flattenThread(thread).find((message) => message.id === id)
}

export function flattenThread(thread: Thread | undefined): ServerMessage[] {
  return (thread?.pages ?? []).toReversed().flatMap((page) => page.messages)
}

/** The server's messages, then ours that it does not know yet. */
export function withPending(
  messages: ServerMessage[],
  entries: readonly OutboxEntry[],
  conversationId: number,
): ThreadMessage[] {
  const waiting = entries.filter((entry) => entry.conversationId === conversationId)
  if (waiting.length === 0) return messages
  const known = new Set(messages.map((message) => message.client_message_id))
  return [...messages, ...waiting.filter((entry) => !known.has(entry.clientId)).map(asMessage)]
}

function asMessage(entry: OutboxEntry): ThreadMessage {
  const { clientId, state, problem, file } = entry
  return {
    ...outgoingMessage(entry, entry.localId, 'queued'),
    local: { clientId, state, ...(problem ? { problem } : {}), ...(file ? { file } : {}) },
  }
}

/** An agent's message before the server has shown it. */
export function outgoingMessage(
  entry: Omit<OutboxEntry, 'localId' | 'state'>,
  id: number,
  status: ServerMessage['status'],
): ServerMessage {
  return {
    id,
    conversation_id: entry.conversationId,
    sender: 'agent',
    message: entry.content?.message_type === 'interactive' ? entry.content.interactive.body.text : entry.text,
    message_type: entry.content?.message_type ?? entry.file?.kind ?? 'text',
    media: entry.file?.media ?? null,
    media_url: entry.file?.media?.url ?? null,
    is_read: true,
    whatsapp_message_id: null,
    created_at: entry.at,
    status,
    status_times: {},
    error: null,
    reply_to_whatsapp_message_id: entry.replyTo?.whatsappId ?? null,
    payload: payloadOf(entry),
    reactions: [],
    edited_at: null,
    revoked_at: null,
    client_message_id: entry.clientId,
  }
}

/** In Meta's form, as the server has it later. */
function payloadOf({ content, file, text }: Pick<OutboxEntry, 'content' | 'file' | 'text'>): ServerMessage['payload'] {
  if (!content && !file) return null
  const { message_type: type, ...rest } = content ?? { message_type: 'text' }
  const about = file && { mime_type: file.mimeType, filename: file.name, voice: file.voice, ...(text ? { caption: text } : {}) }
  const payload: unknown = file ? { type: file.kind, [file.kind]: about } : { type, ...rest }
  return payload as ServerMessage['payload']
}

const reading = new Map<number, Promise<void>>()

/** Marks everything in it as read; when the server is away, as soon as it is back, unless something came meanwhile. */
export function markConversationRead(opened: Workspace, conversationId: number): Promise<void> {
  const { api, queries, whenLiveAgain } = opened
  const underway = reading.get(conversationId)
  if (underway) return underway
  const conversation = findConversation(queries, conversationId)
  if (!conversation || conversation.unread_count === 0) return Promise.resolve()
  const request = api
    .post(`/api/live-chat/conversations/${conversationId}/read`)
    .then(() => {
      const now = findConversation(queries, conversationId)
      if (now && now.last_message_at === conversation.last_message_at) {
        upsertConversation(queries, { ...now, unread_count: 0 })
      }
    })
    .catch((error: unknown) => {
      if (!isPassing(problemOf(error))) return
      whenLiveAgain(() => {
        const now = findConversation(queries, conversationId)
        if (now?.last_message_at === conversation.last_message_at) void markConversationRead(opened, conversationId)
      })
    })
    .finally(() => reading.delete(conversationId))
  reading.set(conversationId, request)
  return request
}

/** For the tab's title: everything that is unread, in all numbers. */
export function totalUnread(numbers: readonly PhoneNumber[]): number {
  return numbers.reduce((sum, number) => sum + number.unread_count, 0)
}

