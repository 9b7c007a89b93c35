import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type Ref } from 'react'
import { useTranslation } from 'react-i18next'
import { sizeOfPicture, useNow, type ThreadMessage, type useThread } from '../../lib/inbox'
import { Announcer } from './announcer'
import { Bubble } from './bubble'
import type { BubbleActions } from './bubble-problem'
import { frameOf } from './media/frame'
import { useLocale } from './use-locale'
import { dayLabel, firstUnread, rowsOf, type Row } from './days'
import { DayPill, JumpButton, OlderRow, UnreadDivider } from './list-parts'
import { gentle, useListView } from './use-list-view'
import { useReveal } from './use-reveal'

export interface MessageListHandle {
  showNewest(): void
}

export interface ListView {
  /** The newest message of the server that was on screen; 0 before any was. */
  seenId: number
  newestIncomingInView: boolean
}

interface Props {
  thread: ReturnType<typeof useThread>
  /** How many were unread when the conversation was opened. */
  unread: number
  customerName: string
  actions: BubbleActions
  ref: Ref<MessageListHandle>
  onView(view: ListView): void
}

/** Measured once per kind and length, so that most rows come out nearly right before they are measured. */
function estimate(row: Row | undefined): number {
  if (!row) return 40
  if (row.kind === 'day') return 48
  if (row.kind === 'unread') return 44
  const { message, first } = row
  const lines = Math.min(30, Math.ceil(message.message.length / 52) + message.message.split('\n', 20).length - 1)
  const base = (first ? 20 : 14) + 21 * Math.max(1, lines)
  return base + partHeight(message)
}

/** What stands above the text of a bubble. */
function partHeight({ message_type: type, media, payload }: ThreadMessage): number {
  if (media && ['image', 'video', 'template'].includes(type)) {
    const isOpen = media.state !== 'failed' && media.inline
    return isOpen ? (type === 'video' ? 194 : frameOf(sizeOfPicture(media.id)).height + 4) : 100
  }
  if (type === 'sticker') return 148
  if (type === 'interactive' || type === 'template') return payload === null ? 24 : 70
  return type === 'text' ? 0 : 64
}

export function MessageList({ thread, unread, customerName, actions, ref, onView }: Props) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const { messages, hasOlder, isLoadingOlder, loadOlder } = thread
  const scroller = useRef<HTMLDivElement>(null)
  const [divider] = useState(() => firstUnread(messages, unread))
  const [ready, setReady] = useState(false)
  const now = useNow(60_000)
  const rows = useMemo(() => rowsOf(messages, divider, hasOlder), [messages, divider, hasOlder])
  const byWhatsappId = useMemo(
    () => new Map(messages.flatMap((message) => (message.whatsapp_message_id ? [[message.whatsapp_message_id, message]] : []))),
    [messages],
  )

  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    anchorTo: 'end',
    scrollEndThreshold: 80,
    overscan: 10,
    paddingStart: 48,
    // Room for who is writing.
    paddingEnd: 34,
  })
  // By itself the list lets what is on screen move when rows above get another height while one scrolls up, as pictures do
  // when they come.
  virtualizer.shouldAdjustScrollPositionOnItemSizeChange = ({ key, start, end }, _, { scrollOffset, itemSizeCache }) =>
    (itemSizeCache.has(key) ? end : start + 1) <= (scrollOffset ?? 0)
  const showNewest = useCallback(() => virtualizer.scrollToEnd({ behavior: gentle() }), [virtualizer])
  useImperativeHandle(ref, () => ({ showNewest }), [showNewest])

  useLayoutEffect(() => {
    virtualizer.scrollToEnd()
    // Shown only when the newest rows have been measured and stand at the bottom.
    const frame = requestAnimationFrame(() => requestAnimationFrame(() => setReady(true)))
    return () => cancelAnimationFrame(frame)
  }, [virtualizer])

  const view = useListView({ scroller, virtualizer, rows, messages, hasOlder, isLoadingOlder, loadOlder })
  useEffect(
    () => onView({ seenId: view.seenId, newestIncomingInView: view.newestIncomingInView }),
    [onView, view.seenId, view.newestIncomingInView],
  )

  // What was just sent is shown, wherever one was reading.
  const newest = messages.at(-1)
  const sent = newest?.local ? newest.local.clientId : null
  const sentBefore = useRef(sent)
  useLayoutEffect(() => {
    if (sent !== null && sent !== sentBefore.current) virtualizer.scrollToEnd()
    sentBefore.current = sent
  }, [sent, virtualizer])

  const { flash, missing, reveal } = useReveal({ rows, virtualizer, byWhatsappId, thread })
  const words = { today: t('today'), yesterday: t('yesterday') }
  const label = (at: Date) => dayLabel(at, now, locale, words)

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="region"
        aria-label={t('messages')}
        tabIndex={0}
        className={`bg-bg absolute inset-0 flex flex-col overflow-x-hidden overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:outline-2 focus-visible:-outline-offset-2 focus-visible:outline-focus ${ready ? '' : 'invisible'}`}
      >
        <div role="list" className="relative mt-auto w-full shrink-0" style={{ height: virtualizer.getTotalSize() }}>
          <OlderRow hasOlder={hasOlder} isLoading={isLoadingOlder} failed={view.olderFailed} onRetry={loadOlder} />
          {virtualizer.getVirtualItems().map((item) => {
            const row = rows[item.index]
            if (!row) return null
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                role="listitem"
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row.kind === 'day' && <DayPill label={label(row.at)} />}
                {row.kind === 'unread' && <UnreadDivider count={row.count} />}
                {row.kind === 'message' && (
                  <Bubble
                    message={row.message}
                    quoted={quotedBy(row.message, byWhatsappId)}
                    customerName={customerName}
                    first={row.first}
                    last={row.last}
                    flash={flash === row.key}
                    actions={actions}
                    onReveal={reveal}
                  />
                )}
              </div>
            )
          })}
        </div>
      </div>
      {view.topDay && (
        <div
          aria-hidden
          className={`pointer-events-none absolute inset-x-0 top-0 transition-opacity duration-300 motion-reduce:transition-none ${virtualizer.isScrolling && !view.atEnd ? 'opacity-100' : 'opacity-0'}`}
        >
          <DayPill label={label(view.topDay)} />
        </div>
      )}
      {missing && (
        <p role="status" className="absolute inset-x-0 bottom-4 mx-auto w-fit rounded-full bg-text px-4 py-1.5 text-sm text-bg shadow-pop">
          {t(missing === 'looking' ? 'quote.looking' : 'quote.missing')}
        </p>
      )}
      {!view.atEnd && ready && <JumpButton fresh={view.fresh} onClick={showNewest} />}
      <Announcer messages={messages} customerName={customerName} />
    </div>
  )
}

function quotedBy(message: ThreadMessage, byWhatsappId: Map<string, ThreadMessage>): ThreadMessage | undefined {
  const id = message.reply_to_whatsapp_message_id
  return id ? byWhatsappId.get(id) : undefined
}
