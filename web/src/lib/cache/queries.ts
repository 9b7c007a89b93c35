// How each thing is asked for. What is loaded stays fresh by events, so nothing is asked again by itself.
import { infiniteQueryOptions, keepPreviousData, queryOptions, skipToken, type InfiniteData } from '@tanstack/react-query'
import type { Conversation, PhoneNumber, ServerMessage } from '../inbox'
import { workspace } from '../workspace'
import { placeConversation, type ConversationPage } from './lists'
import { findConversation, placeMessage, type MessagePage } from './patch'

export interface ConversationFilter {
  phoneNumberId: string | null
  unread: boolean
  q: string
}

export const keys = {
  allConversations: ['conversations'] as const,
  conversations: (filter: ConversationFilter) => ['conversations', filter] as const,
  conversation: (id: number | null) => ['conversation', id] as const,
  messages: (conversationId: number) => ['messages', conversationId] as const,
  phoneNumbers: ['phone-numbers'] as const,
}

const kConversationsPerPage = 50
const kMessagesPerPage = 50

export function conversationsQuery(filter: ConversationFilter) {
  return infiniteQueryOptions({
    queryKey: keys.conversations(filter),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<ConversationPage> => {
      const { api, recent } = workspace()
      const mark = recent.mark()
      const page = await api.get<ConversationPage>(
        '/api/live-chat/conversations',
        {
          limit: kConversationsPerPage,
          cursor: pageParam,
          phone_number_id: filter.phoneNumberId,
          unread: filter.unread || null,
          q: filter.q,
        },
        signal,
      )
      // What happened while this was on its way is newer than what it says.
      const changed = recent.since(mark).flatMap((event) => event.data.conversation ?? [])
      if (pageParam !== null) return withKnown(page, changed)
      const data = changed.reduce<InfiniteData<ConversationPage>>(
        (pages, conversation) => placeConversation(pages, conversation, filter),
        { pages: [page], pageParams: [pageParam] },
      )
      return data.pages[0] ?? page
    },
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: filter.q === '' ? undefined : keepPreviousData,
  })
}

function withKnown(page: ConversationPage, changed: readonly Conversation[]): ConversationPage {
  const newest = new Map(changed.map((conversation) => [conversation.id, conversation]))
  return { ...page, conversations: page.conversations.map((one) => newest.get(one.id) ?? one) }
}

export function conversationQuery(id: number | null) {
  return queryOptions({
    queryKey: keys.conversation(id),
    queryFn:
      id === null
        ? skipToken
        : async ({ signal }): Promise<Conversation> => {
            const { api, recent } = workspace()
            const mark = recent.mark()
            const loaded = await api.get<Conversation>(`/api/live-chat/conversations/${id}`, {}, signal)
            const changed = recent.since(mark).flatMap(({ data }) => data.conversation ?? [])
            return changed.findLast((conversation) => conversation.id === id) ?? loaded
          },
    initialData: () => (id === null ? undefined : findConversation(workspace().queries, id)),
  })
}

/** Pages from the newest back; each page is ordered oldest first. */
export function threadQuery(conversationId: number) {
  return infiniteQueryOptions({
    queryKey: keys.messages(conversationId),
    initialPageParam: null as number | null,
    queryFn: async ({ pageParam, signal }): Promise<MessagePage> => {
      const { api, recent } = workspace()
      const mark = recent.mark()
      const page = await api.get<MessagePage>(
        '/api/live-chat/messages',
        { conversation_id: conversationId, limit: kMessagesPerPage, before: pageParam, mark_read: false },
        signal,
      )
      const changed: ServerMessage[] = recent
        .since(mark)
        .flatMap(({ data }) => (data.message?.conversation_id === conversationId ? data.message : []))
      return changed.reduce(
        (grown, message) => placeMessage(grown, message, pageParam === null),
        page,
      )
    },
    getNextPageParam: (page) => (page.has_more ? (page.messages[0]?.id ?? null) : null),
  })
}

export function phoneNumbersQuery() {
  return queryOptions({
    queryKey: keys.phoneNumbers,
    queryFn: async ({ signal }): Promise<PhoneNumber[]> => {
      const answer = await workspace().api.get<{ phone_numbers: PhoneNumber[] }>(
        '/api/live-chat/phone-numbers',
        {},
        signal,
      )
      return answer.phone_numbers
    },
  })
}
