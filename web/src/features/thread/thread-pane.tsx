import { Upload } from 'lucide-react'
import { lazy, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { openConversation } from '../../app/router'
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
import { LoadedLater } from '../../ui'
import { useKept } from '../../ui/use-kept'
import { NewConversationDialog } from '../details/new-conversation-dialog'
import type { BubbleActions } from './bubble-problem'
import { MessageList, type ListView, type MessageListHandle } from './message-list'
import type { Card } from './payload'
import { NoMessages, ThreadError, ThreadSkeleton } from './states'
import { ThreadComposer, type ThreadComposerHandle } from './thread-composer'
import { ThreadHeader } from './thread-header'
import { useDrop } from './use-drop'
import { newestIncoming } from './use-list-view'
import { useAttention, useMarkRead } from './use-mark-read'
import { windowState } from './window'

const Viewer = lazy(() => import('./media/viewer'))

interface Props {
  conversationId: number
  onBack(): void
  onToggleDetails(): void
  /** Opens the choice of a template for this conversation. */
  onTemplate?: () => void
  /** Keeps somebody whose card was sent. */
  onAddContact?: (card: Card) => void
}

/** The open conversation: header, messages, composer. */
export function ThreadPane(props: Props) {
  return <OpenThread key={props.conversationId} {...props} />
}

function OpenThread({ conversationId, onBack, onToggleDetails, onTemplate, onAddContact }: Props) {
  const { t } = useTranslation('thread')
  const { conversation, error: conversationError } = useConversation(conversationId)
  const thread = useThread(conversationId)
  const { send, resend, discard, retryFailed, settleUnknown, react, refetchMedia } = useSend(conversationId)
  const { viewing } = usePresence(conversationId)
  const now = useNow(30_000)
  const attentive = useAttention()
  const list = useRef<MessageListHandle>(null)
  const composer = useRef<ThreadComposerHandle>(null)
  const [shown, setShown] = useState<number | null>(null)
  const [writeTo, setWriteTo] = useState<string | null>(null)
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
  const window = conversation ? windowState(conversation, now) : ({ kind: 'unknown' } as const)
  const canWrite = window.kind !== 'closed'
  const actions = useMemo((): BubbleActions => {
    const reply = (message: ThreadMessage) => composer.current?.reply(message)
    const show = ({ id }: ThreadMessage) => setShown(id)
    const open = { canWrite, reply, react, refetchMedia, view: show, write: setWriteTo, addContact: onAddContact }
    return { retryFailed, settleUnknown, resend, discard, edit, showNewest, ...open }
  }, [retryFailed, settleUnknown, resend, discard, edit, showNewest, react, refetchMedia, canWrite, onAddContact])

  const failing = thread.error ?? conversationError
  const isReady = !failing && !thread.isLoading && conversation !== undefined
  const problem = useKept(failing, !isReady)
  const drop = useDrop(canWrite && !problem ? (files) => composer.current?.addFiles(files) : null)
  return (
    <section aria-label={conversation ? contactTitle(conversation) : t('loading')} className="relative flex h-full min-h-0 min-w-0 flex-1 flex-col bg-bg" {...drop.handlers}>
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
          customerName={conversation ? contactTitle(conversation) : ''}
          window={window}
          onSend={(what) => send({ ...what, ...(view.seenId > 0 ? { expectedLastMessageId: view.seenId } : {}) })}
          onTemplate={onTemplate}
        />
      )}
      {drop.isOver && (
        <div className="pointer-events-none absolute inset-2 z-20 grid place-content-center justify-items-center gap-3 rounded-2xl border-2 border-dashed border-accent bg-surface/95 text-lg font-semibold text-accent">
          <Upload aria-hidden className="size-8" />
          {t('drop')}
        </div>
      )}
      {shown !== null && (
        <LoadedLater>
          <Viewer messages={thread.messages} start={shown} onClose={() => setShown(null)} />
        </LoadedLater>
      )}
      <NewConversationDialog
        open={writeTo !== null}
        to={writeTo ?? ''}
        onOpenChange={(open) => !open && setWriteTo(null)}
        onStarted={openConversation}
      />
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
