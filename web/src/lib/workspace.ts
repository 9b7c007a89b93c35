// Everything that lives as long as one person is signed in.
import { QueryClient, type Query } from '@tanstack/react-query'
import { chosenAccount } from './account'
import { createApi, type Api, type Tokens } from './api'
import { applyEvent, catchUp, upsertMessage } from './cache/patch'
import { RecentEvents } from './cache/recent'
import { createClock, type Clock } from './clock'
import { createDrafts, type Drafts } from './drafts'
import type { LiveEvent } from './live/frames'
import { LiveSocket } from './live/socket'
import { MediaShelf } from './media'
import { Outbox } from './outbox'
import { isPassing, problemOf } from './problem'

export interface Workspace {
  readonly userId: string
  readonly api: Api
  readonly queries: QueryClient
  readonly live: LiveSocket
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly media: MediaShelf
  readonly clock: Clock
  readonly recent: RecentEvents
  /** Called with every event after it was taken over into what is loaded. */
  onEvent(listener: (event: LiveEvent) => void): () => void
  /** Calls once, when the stream of events stands again after the next break. */
  whenLiveAgain(callback: () => void): void
  close(): void
}

let current: Workspace | null = null

/** The open one, or the last one while what was shown of it is being taken down. */
export function workspace(): Workspace {
  if (!current) throw new Error('Nobody is signed in.')
  return current
}

export function openWorkspace(userId: string, tokens: Tokens): Workspace {
  const api = createApi(tokens, () => live.doubt())
  const queries = createQueryClient()
  const clock = createClock()
  const recent = new RecentEvents()
  const listeners = new Set<(event: LiveEvent) => void>()
  const media = new MediaShelf((path, signal) => api.file(path, signal))
  const account = chosenAccount.get()
  const outbox = new Outbox({
    // What waits belongs to one account.
    userId: account === null ? userId : `${userId}@${account}`,
    api,
    onMessage: (message) => upsertMessage(queries, message),
    onUploaded: ({ id }, bytes, natural) => media.keep(id, bytes, natural),
  })
  const live = new LiveSocket({
    url: `${location.origin.replace(/^http/, 'ws')}/api/live-chat/events`,
    tokens,
    accountId: chosenAccount.get(),
    onServerTime: (time) => clock.correct(time),
    onEvent(event) {
      recent.add(event)
      applyEvent(queries, event)
      for (const listener of listeners) listener(event)
    },
    // What nobody looks at is dropped rather than loaded.
    async onGap() {
      queries.removeQueries({ type: 'inactive' })
      await queries.invalidateQueries()
      const shown = queries.getQueryCache().findAll({ type: 'active' })
      if (shown.some(({ state }) => state.status === 'error' && isPassing(problemOf(state.error)))) throw new Error('Not everything was loaded.')
    },
  })
  keepAnswersCurrent(queries, recent)
  const waiting = new Set<() => void>()
  const unsubscribe = live.state.subscribe(() => {
    if (live.state.get() !== 'live') return
    outbox.wake()
    const callbacks = [...waiting]
    waiting.clear()
    for (const callback of callbacks) callback()
  })
  const opened: Workspace = {
    userId,
    api,
    queries,
    live,
    outbox,
    media,
    clock,
    recent,
    drafts: createDrafts(userId),
    onEvent(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    whenLiveAgain: (callback) => void waiting.add(callback),
    close() {
      unsubscribe()
      live.stop()
      outbox.stop()
      opened.drafts.stop()
      media.clear()
      queries.clear()
    },
  }
  current = opened
  outbox.start()
  live.start()
  return opened
}

/** While an answer is on its way events change what it will replace. */
export function keepAnswersCurrent(queries: QueryClient, recent: RecentEvents): void {
  const askedAt = new WeakMap<Query, number>()
  queries.getQueryCache().subscribe((notice) => {
    if (notice.type !== 'updated') return
    const { query, action } = notice
    if (action.type === 'fetch') askedAt.set(query, recent.mark())
    const mark = askedAt.get(query)
    if (action.type !== 'success' || action.manual || mark === undefined) return
    catchUp(queries, query.queryKey, recent.since(mark))
  })
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events keep everything fresh; after a gap all is loaded anew.
        staleTime: Infinity,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: 'always',
        retry: (failures, error) => failures < 2 && isPassing(problemOf(error)),
      },
    },
  })
}
