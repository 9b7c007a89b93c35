import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { flattenConversations } from '../../lib/cache/lists'
import { conversationsQuery } from '../../lib/cache/queries'
import { problemOf, type Conversation, type Problem } from '../../lib/inbox'
import { useKept } from '../../ui/use-kept'

export interface ListView {
  conversations: Conversation[]
  isLoading: boolean
  /** Another search is under way while the last one's hits are shown. */
  isSearching: boolean
  error: Problem | null
  hasMore: boolean
  isLoadingMore: boolean
  loadMoreFailed: boolean
  loadMore(): void
  retry(): void
}

export function useConversationList(
  filter: { phoneNumberId: string | null; unread: boolean; q: string },
  selectedId: number | null,
): ListView {
  const q = useDebounced(filter.q.trim(), 200)
  const query = useInfiniteQuery(conversationsQuery({ ...filter, q }))
  const conversations = useMemo(() => {
    const all = flattenConversations(query.data)
    // What was read just now leaves the unread list when something else is opened.
    return filter.unread ? all.filter((one) => one.unread_count > 0 || one.id === selectedId) : all
  }, [query.data, filter.unread, selectedId])
  const hasNothing = query.data === undefined
  const problem = query.error && hasNothing ? problemOf(query.error) : null
  const error = useKept(problem, hasNothing, JSON.stringify({ ...filter, q }))
  return {
    conversations,
    isLoading: query.isPending && error === null,
    isSearching: q !== filter.q.trim() || query.isPlaceholderData,
    error,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMoreFailed: query.isFetchNextPageError,
    loadMore: () => {
      if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage()
    },
    retry: () => void query.refetch(),
  }
}

function useDebounced(value: string, ms: number): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    // Clearing a search should be felt at once.
    const timer = setTimeout(() => setSettled(value), value === '' ? 0 : ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
