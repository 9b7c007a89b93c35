// What the inbox's panes know of the server: conversations, threads, sending, presence. Everything here keeps itself
// up to date; components never see the socket, the query cache or the outgoing queue.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import type { components } from './api.gen'
import { conversationQuery, phoneNumbersQuery, threadQuery } from './cache/queries'
import { findMessage, flattenThread, markConversationRead, upsertMessage, withPending } from './cache/patch'
import { fileNameFor, plainFileName } from './file-name'
import { saveBlob, type Held, type Shape, type ShownAs, type Size } from './media'
import type { Media, Version } from './message-shapes'
import { newClientId, type SentFile, type ToSend } from './outbox'
import { problemOf, type Problem } from './problem'
import { useStore } from './store'
import { workspace } from './workspace'

export type Conversation = components['schemas']['Conversation']
export type ServerMessage = components['schemas']['Message']
export type PhoneNumber = components['schemas']['PhoneNumber']
export type { Problem } from './problem'
/** The Problem behind whatever one of the promises below was rejected with. */
export { problemOf } from './problem'

/** A message as the thread shows it: from the server, or ours on its way (negative id until the server knows it).
 *  `client_message_id ?? id` is a key that stays the same when the server's message takes the place of ours. */
export type ThreadMessage = ServerMessage & {
  local?: { clientId: string; state: 'sending' | 'waiting' | 'refused'; problem?: Problem; file?: SentFile }
}
export interface Agent {
  userId: string
  name: string
}
export type ConnectionState = 'connecting' | 'live' | 'catching-up' | 'offline'

/** The messages of a conversation, oldest first, ours on their way at the end. Reading here marks nothing as read. */
export function useThread(conversationId: number): {
  messages: ThreadMessage[]
  isLoading: boolean
  error: Problem | null
  hasOlder: boolean
  isLoadingOlder: boolean
  loadOlder(): Promise<void>
  retry(): void
} {
  const query = useInfiniteQuery(threadQuery(conversationId))
  const outbox = useStore(workspace().outbox.entries)
  const messages = useMemo(
    () => withPending(flattenThread(query.data), outbox, conversationId),
    [query.data, outbox, conversationId],
  )
  return {
    messages,
    isLoading: query.isPending,
    error: query.error && !query.data ? problemOf(query.error) : null,
    hasOlder: query.hasNextPage,
    isLoadingOlder: query.isFetchingNextPage,
    async loadOlder() {
      if (!query.hasNextPage || query.isFetchingNextPage) return
      const before = query.data?.pages.length
      // When everything is loaded anew meanwhile, that breaks this off: it is waited for, and asked once more.
      for (const options of [{}, { cancelRefetch: false }, {}]) {
        const { data, isFetchNextPageError } = await query.fetchNextPage(options)
        if (isFetchNextPageError || data?.pages.length !== before) return
      }
    },
    retry() {
      void query.refetch()
    },
  }
}

export function useConversation(conversationId: number | null): {
  conversation: Conversation | undefined
  isLoading: boolean
  error: Problem | null
} {
  const query = useQuery(conversationQuery(conversationId))
  return {
    conversation: query.data,
    isLoading: conversationId !== null && query.isPending,
    error: query.error && !query.data ? problemOf(query.error) : null,
  }
}

/** Sends; the bubble is there at once, is never doubled (client_message_id) and survives a reload and an offline spell;
 *  files survive until the page is closed. `resend` sends a refused one again, without its `expectedLastMessageId`. */
export function useSend(conversationId: number): {
  send(what: ToSend): void
  resend(clientId: string): void
  discard(clientId: string): void
  retryFailed(messageId: number): Promise<void>
  settleUnknown(messageId: number, arrived: boolean): Promise<void>
  /** An empty emoji takes ours away. It shows at once, and goes again when it is refused. */
  react(message: ServerMessage, emoji: string): Promise<void>
  /** Lets the server try again to get a file. */
  refetchMedia(message: ServerMessage): Promise<void>
} {
  return useMemo(() => {
    const { outbox, api, queries } = workspace()
    return {
      send: (what) => outbox.add(conversationId, what),
      async react(message, emoji) {
        const others = message.reactions.filter(({ sender }) => sender !== 'agent')
        const ours = emoji === '' ? [] : [{ sender: 'agent' as const, emoji, at: new Date().toISOString() }]
        upsertMessage(queries, { ...message, reactions: [...others, ...ours] })
        const body = { conversation_id: conversationId, message_type: 'reaction', reaction: { message_id: message.id, emoji } }
        try {
          await api.post('/api/live-chat/send-message', body, { 'Idempotency-Key': newClientId() })
        } catch (error) {
          const now = findMessage(queries, message)
          upsertMessage(queries, { ...(now ?? message), reactions: message.reactions })
          throw error
        }
      },
      async refetchMedia(message) {
        const { media } = await api.post<{ media: Media }>(`/api/live-chat/media/${message.media?.id}/retry`)
        upsertMessage(queries, { ...(findMessage(queries, message) ?? message), media })
      },
      resend: (clientId) => outbox.resend(clientId),
      discard: (clientId) => outbox.discard(clientId),
      async retryFailed(messageId) {
        upsertMessage(queries, await api.post<ServerMessage>(`/api/live-chat/messages/${messageId}/retry`))
      },
      async settleUnknown(messageId, arrived) {
        const path = `/api/live-chat/messages/${messageId}/settle`
        upsertMessage(queries, await api.post<ServerMessage>(path, { arrived }))
      },
    }
  }, [conversationId])
}

/** What an edited or deleted message said before, newest first. */
export async function loadVersions(messageId: number): Promise<Version[]> {
  const { versions } = await workspace().api.get<{ versions: Version[] }>(`/api/live-chat/messages/${messageId}/versions`)
  return versions.toReversed()
}

/** The size that a picture was found to have; null as long as nobody has seen it. */
export function sizeOfPicture(mediaId: number): Size | null {
  return workspace().media.sizes.get(mediaId) ?? null
}

/** A URL for a file of a message, fetched as soon as it is `wanted`, good as long as the component is there. */
export function useMedia(
  media: Media | null,
  as: ShownAs,
  shape: Shape,
  wanted: boolean,
): { url: string | null; problem: Problem | null; retry(): void } {
  const id = media?.state === 'stored' ? media.id : null
  const [got, setGot] = useState<{ id: number; held?: Held; problem?: Problem } | null>(null)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    if (id === null || !media || !wanted) return
    const shelf = workspace().media
    const giveUp = new AbortController()
    let held = shelf.grab(id, shape)
    if (held) setGot({ id, held })
    else {
      shelf.take(media, as, shape, giveUp.signal).then(
        (taken) => {
          if (giveUp.signal.aborted) return taken.release()
          held = taken
          setGot({ id, held: taken })
        },
        (error: unknown) => {
          if (!giveUp.signal.aborted) setGot({ id, problem: problemOf(error) })
        },
      )
    }
    return () => {
      giveUp.abort()
      held?.release()
      setGot(null)
    }
    // Of the media only its id and state matter here: its bytes never change.
  }, [id, as, shape, wanted, attempt])
  const mine = got?.id === id ? got : null
  return { url: mine?.held?.url ?? null, problem: mine?.problem ?? null, retry: () => setAttempt((now) => now + 1) }
}

/** Downloads a message's file. */
export async function saveMedia(media: Media, kind: string): Promise<void> {
  const file = await workspace().api.file(media.url)
  saveBlob(file, plainFileName(media.file_name) || fileNameFor(kind, media.id, media.mime_type))
}

/** How much of a file of ours is uploaded, from 0 to 1; null when it is not being uploaded. */
export function useUploadProgress(clientId: string): number | null {
  return useStore(workspace().outbox.progress)[clientId] ?? null
}

/** A URL for the file of a message on its way; null when this page does not have it. */
export function useSentFileUrl(clientId: string): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const file = workspace().outbox.fileOf(clientId)
    if (!file) return
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => {
      setUrl(null)
      URL.revokeObjectURL(made)
    }
  }, [clientId])
  return url
}

/** Writes to somebody, perhaps for the first time. Rejected when nothing was stored (see problemOf); a message that was
 *  stored and then refused by Meta shows in its thread. */
export function startConversation(phoneNumberId: string, to: string, text: string): Promise<{ conversationId: number }> {
  return workspace().outbox.startConversation(phoneNumberId, to, text)
}

/** What was typed and not sent, kept in this browser per agent and conversation. */
export function useDraft(conversationId: number): [string, (text: string) => void] {
  const { drafts } = workspace()
  const text = useStore(drafts.all)[conversationId] ?? ''
  return useMemo(() => [text, (next: string) => drafts.set(conversationId, next)], [text, drafts, conversationId])
}

/** To be called when the newest message was really seen. Does nothing when nothing is unread. */
export function markRead(conversationId: number): Promise<void> {
  return markConversationRead(workspace(), conversationId)
}

/** The other agents who look at this conversation or write in it. */
export function usePresence(conversationId: number): { viewing: Agent[]; typing: Agent[] } {
  const { live, userId } = workspace()
  const agents = useStore(live.presence)
  return useMemo(() => {
    const others = agents.filter((agent) => agent.user_id !== userId)
    const named = (list: typeof others): Agent[] => list.map(({ user_id, name }) => ({ userId: user_id, name }))
    return {
      viewing: named(others.filter((agent) => agent.viewing.includes(conversationId))),
      typing: named(others.filter((agent) => agent.typing.includes(conversationId))),
    }
  }, [agents, userId, conversationId])
}

/** Tells the other agents which conversation is open here; null when none is. */
export function announceViewing(conversationId: number | null): void {
  workspace().live.announceViewing(conversationId)
}

/** To be called with true on every keystroke (it is sent at most every 4 s and ends by itself), with false when done. */
export function announceTyping(conversationId: number, typing: boolean): void {
  workspace().live.announceTyping(conversationId, typing)
}

export function usePhoneNumbers(): PhoneNumber[] {
  return useQuery(phoneNumbersQuery()).data ?? noNumbers
}
const noNumbers: PhoneNumber[] = []

export function useConnectionState(): ConnectionState {
  return useStore(workspace().live.state)
}

/** One shared ticking clock for countdowns, corrected by the server's. */
export function useNow(everyMs: number): Date {
  const { clock } = workspace()
  useEffect(() => clock.tickAtLeastEvery(everyMs), [clock, everyMs])
  const now = useStore(clock.now)
  const step = Math.floor(now / everyMs)
  // A new Date only when the step changes, however often others make the clock tick.
  return useMemo(() => new Date(now), [step])
}
