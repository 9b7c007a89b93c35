// How each thing is asked for. What is loaded stays fresh by events, so nothing is asked again by itself; the workspace
// brings each answer up to date with what happened while it was on its way.
import { infiniteQueryOptions, keepPreviousData, queryOptions, skipToken } from '@tanstack/react-query'
import type { Conversation, PhoneNumber } from '../inbox'
import { workspace } from '../workspace'
import type { ConversationPage } from './lists'
import { findConversation, type MessagePage } from './patch'

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

// The first page is there soon; whoever goes further back gets more at once.
const kFirstPage = 50
const kLaterPage = 100

export function conversationsQuery(filter: ConversationFilter) {
  return infiniteQueryOptions({
    queryKey: keys.conversations(filter),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }): Promise<ConversationPage> => {
      return workspace().api.get<ConversationPage>(
        '/api/live-chat/conversations',
        {
          limit: pageParam === null ? kFirstPage : kLaterPage,
          cursor: pageParam,
          phone_number_id: filter.phoneNumberId,
          unread: filter.unread || null,
          q: filter.q,
        },
        signal,
      )
    },
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: filter.q === '' ? undefined : keepPreviousData,
  })
}

export function conversationQuery(id: number | null) {
  return queryOptions({
    queryKey: keys.conversation(id),
    queryFn:
      id === null
        ? skipToken
        : ({ signal }) => workspace().api.get<Conversation>(`/api/live-chat/conversations/${id}`, {}, signal),
    initialData: () => (id === null ? undefined : findConversation(workspace().queries, id)),
  })
}

/** Pages from the newest back; each page is ordered oldest first. */
export function threadQuery(conversationId: number) {
  return infiniteQueryOptions({
    queryKey: keys.messages(conversationId),
    initialPageParam: null as number | null,
    queryFn: async ({ pageParam, signal }): Promise<MessagePage> => {
      return workspace().api.get<MessagePage>(
        '/api/live-chat/messages',
        { conversation_id: conversationId, limit: pageParam === null ? kFirstPage : kLaterPage, before: pageParam, mark_read: false },
        signal,
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
