import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { contactTitle } from '../../lib/format'
import {
  announceTyping,
  announceViewing,
  useConversation,
  useNow,
  usePresence,
  useSend,
  useThread,
  type ThreadMessage,
} from '../../lib/inbox'
import { useKept } from '../../ui/use-kept'
import type { BubbleActions } from './bubble-problem'
import { MessageList, type ListView, type MessageListHandle } from './message-list'
import { NoMessages, ThreadError, ThreadSkeleton } from './states'
import { ThreadComposer, type ThreadComposerHandle } from './thread-composer'
import { ThreadHeader } from './thread-header'
import { newestIncoming } from './use-list-view'
import { useAttention, useMarkRead } from './use-mark-read'
import { windowState } from './window'

interface Props {
  conversationId: number
  onBack(): void
  onToggleDetails(): void
}

/** The open conversation: header, messages, composer. */
export function ThreadPane(props: Props) {
  return <OpenThread key={props.conversationId} {...props} />
}

function OpenThread({ conversationId, onBack, onToggleDetails }: Props) {
  const { t } = useTranslation('thread')
  const { conversation, error: conversationError } = useConversation(conversationId)
  const thread = useThread(conversationId)
  const { send, resend, discard, retryFailed, settleUnknown } = useSend(conversationId)
  const { viewing } = usePresence(conversationId)
  const now = useNow(30_000)
  const attentive = useAttention()
  const list = useRef<MessageListHandle>(null)
  const composer = useRef<ThreadComposerHandle>(null)
  const [view, setView] = useState<ListView>({ seenId: 0, newestIncomingInView: false })

  useViewing(conversationId)
  useMarkRead({
    conversationId,
    unread: conversation?.unread_count ?? 0,
    newestIncoming: newestIncoming(thread.messages)?.id ?? null,
    inView: view.newestIncomingInView,
    attentive,
  })

  const showNewest = useCallback(() => list.current?.showNewest(), [])
  const edit = useCallback(
    (message: ThreadMessage) => {
      if (message.local) discard(message.local.clientId)
      composer.current?.edit(message.message)
    },
    [discard],
  )
  const actions = useMemo(
    (): BubbleActions => ({ retryFailed, settleUnknown, resend, discard, edit, showNewest }),
    [retryFailed, settleUnknown, resend, discard, edit, showNewest],
  )

  const window = conversation ? windowState(conversation, now) : ({ kind: 'unknown' } as const)
  const failing = thread.error ?? conversationError
  const isReady = !failing && !thread.isLoading && conversation !== undefined
  const problem = useKept(failing, !isReady)
  return (
    <section aria-label={conversation ? contactTitle(conversation) : t('loading')} className="flex h-full min-h-0 min-w-0 flex-1 flex-col bg-bg">
      <ThreadHeader
        conversation={conversation}
        isLoading={!problem}
        viewing={viewing}
        window={window}
        onBack={onBack}
        onToggleDetails={onToggleDetails}
      />
      {problem ? (
        <ThreadError problem={problem} onRetry={thread.retry} />
      ) : !isReady ? (
        <ThreadSkeleton />
      ) : thread.messages.length === 0 ? (
        <NoMessages />
      ) : (
        <MessageList
          ref={list}
          thread={thread}
          unread={conversation.unread_count}
          customerName={contactTitle(conversation)}
          actions={actions}
          onView={setView}
        />
      )}
      {!problem && (
        <ThreadComposer
          ref={composer}
          conversationId={conversationId}
          window={window}
          onSend={(text) => send(text, view.seenId > 0 ? { expectedLastMessageId: view.seenId } : {})}
        />
      )}
    </section>
  )
}

/** The other agents see who looks at a conversation, as long as the page is visible. */
function useViewing(conversationId: number): void {
  useEffect(() => {
    const tell = () => announceViewing(document.visibilityState === 'visible' ? conversationId : null)
    tell()
    document.addEventListener('visibilitychange', tell)
    return () => {
      document.removeEventListener('visibilitychange', tell)
      announceViewing(null)
      announceTyping(conversationId, false)
    }
  }, [conversationId])
}
