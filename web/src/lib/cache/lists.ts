import type { InfiniteData } from '@tanstack/react-query'
import type { Conversation } from '../inbox'
import type { ConversationFilter } from './queries'

export interface ConversationPage {
  conversations: Conversation[]
  next_cursor: string | null
}
type Pages = InfiniteData<ConversationPage>

/** The order of the list: newest activity first. */
export function compareConversations(a: Conversation, b: Conversation): number {
  return Date.parse(b.last_message_at) - Date.parse(a.last_message_at) || b.id - a.id
}

export function matchesFilter(conversation: Conversation, filter: ConversationFilter): boolean {
  if (filter.phoneNumberId !== null && conversation.phone_number_id !== filter.phoneNumberId) return false
  if (filter.unread && conversation.unread_count === 0) return false
  const wanted = filter.q.trim().toLowerCase()
  return (
    wanted === '' ||
    conversation.customer_name.toLowerCase().includes(wanted) ||
    conversation.customer_phone.toLowerCase().includes(wanted)
  )
}

/** Puts a conversation, as it is now, where it belongs in a loaded list. One that belongs behind the last loaded page
 *  is left out: it comes with that page. One that was read stays in a list of unread ones until that is loaded anew. */
export function placeConversation(pages: Pages, conversation: Conversation, filter: ConversationFilter): Pages {
  const wasThere = pages.pages.some((page) => page.conversations.some(({ id }) => id === conversation.id))
  const belongs = matchesFilter(conversation, wasThere ? { ...filter, unread: false } : filter)
  if (!wasThere && !belongs) return pages
  let placed = !belongs
  const next = pages.pages.map((page, index) => {
    const others = page.conversations.filter(({ id }) => id !== conversation.id)
    if (placed) return others.length === page.conversations.length ? page : { ...page, conversations: others }
    let at = others.findIndex((other) => compareConversations(conversation, other) < 0)
    const isEnd = index === pages.pages.length - 1 && page.next_cursor === null
    if (at < 0 && isEnd) at = others.length
    placed = at >= 0
    return { ...page, conversations: placed ? others.toSpliced(at, 0, conversation) : others }
  })
  return { ...pages, pages: next }
}

/** All loaded conversations in order, each once. */
export function flattenConversations(pages: Pages | undefined): Conversation[] {
  const seen = new Set<number>()
  const all = (pages?.pages ?? []).flatMap((page) => page.conversations)
  return all.filter(({ id }) => !seen.has(id) && seen.add(id))
}
