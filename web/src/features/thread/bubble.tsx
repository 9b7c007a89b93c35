import { Forward, Megaphone } from 'lucide-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import { BubbleProblem, type BubbleActions } from './bubble-problem'
import { kEmojiFont } from './emoji'
import { authorOf, isNotice } from './days'
import { MessageContent } from './message-content'
import { object, text } from './payload'
import { Quote } from './quote'
import { Meta, tickOf } from './ticks'

export interface BubbleProps {
  message: ThreadMessage
  quoted: ThreadMessage | undefined
  customerName: string
  first: boolean
  last: boolean
  flash: boolean
  actions: BubbleActions
  onReveal(whatsappMessageId: string): void
}

export const Bubble = memo(function Bubble(props: BubbleProps) {
  const { message, first, last, flash } = props
  const { t } = useTranslation('thread')
  const ours = message.sender === 'agent'
  if (isNotice(message)) return <Notice message={message} />
  const tick = tickOf(message)
  const failed = tick === 'failed' || tick === 'refused'
  const author = first ? authorOf(message) : null
  const replyTo = message.reply_to_whatsapp_message_id
  const reactions = grouped(message.reactions)
  const corners = ours
    ? `${first ? '' : 'rounded-se-md'} ${last ? 'rounded-ee-sm' : 'rounded-ee-md'}`
    : `${first ? '' : 'rounded-ss-md'} ${last ? 'rounded-es-sm' : 'rounded-es-md'}`
  const colours = ours ? 'bg-bubble-out text-bubble-out-text' : 'bg-bubble-in text-text'
  return (
    <div
      className={`flex px-3 transition-colors duration-700 motion-reduce:transition-none sm:px-6 ${first ? 'pt-2' : 'pt-0.5'} ${ours ? 'justify-end' : 'justify-start'} ${flash ? 'bg-accent/15' : ''}`}
    >
      <div className={`flex max-w-[min(85%,68ch)] flex-col ${ours ? 'items-end' : 'items-start'}`}>
        <div
          data-bubble={ours ? 'out' : 'in'}
          className={`relative max-w-full min-w-0 rounded-2xl px-3 py-1.5 text-[0.9375rem] leading-[1.4] shadow-xs ${corners} ${colours} ${failed ? 'ring-1 ring-danger/50' : ''} ${tick === 'sending' || tick === 'waiting' ? 'opacity-85' : ''}`}
        >
          <span className="sr-only">
            {t('said', { who: ours ? t('us') : author ? `+${author}` : props.customerName })}{' '}
          </span>
          {author && (
            <p className="text-xs font-semibold text-accent">
              <bdi>+{author}</bdi>
            </p>
          )}
          <Origin message={message} />
          {replyTo && !message.revoked_at && (
            <Quote quoted={props.quoted} customerName={props.customerName} onReveal={() => props.onReveal(replyTo)} />
          )}
          <MessageContent message={message}>
            <Meta message={message} />
          </MessageContent>
          <BubbleProblem message={message} actions={props.actions} />
        </div>
        {reactions.length > 0 && (
          <ul aria-label={t('reactions')} className={`relative z-10 -mt-1.5 flex flex-wrap gap-1 ${ours ? 'pe-2' : 'ps-2'}`}>
            {reactions.map(({ emoji, count, from }) => (
              <li
                key={emoji}
                title={from.map((sender) => (sender === 'customer' ? props.customerName : t('us'))).join(', ')}
                className="flex items-center gap-1 rounded-full border border-border bg-surface px-1.5 py-0.5 text-sm leading-none text-text"
              >
                <span className={kEmojiFont}>{emoji}</span>
                {count > 1 && <span className="text-xs text-muted tabular-nums">{count}</span>}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
})

function grouped(reactions: ThreadMessage['reactions']) {
  const groups = new Map<string, { emoji: string; count: number; from: string[] }>()
  for (const { emoji, sender } of reactions) {
    const group = groups.get(emoji) ?? { emoji, count: 0, from: [] }
    group.count += 1
    if (!group.from.includes(sender)) group.from.push(sender)
    groups.set(emoji, group)
  }
  return [...groups.values()]
}

/** Where a message came from: forwarded, or an advertisement. */
function Origin({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  const payload = object(message.payload)
  const context = object(payload.context)
  const advertisement = object(payload.referral)
  const headline = text(advertisement.headline) || text(advertisement.body)
  return (
    <>
      {(context.forwarded === true || context.frequently_forwarded === true) && (
        <p className="flex items-center gap-1 text-xs italic opacity-75">
          <Forward aria-hidden className="size-3.5 rtl:-scale-x-100" />
          {t(context.frequently_forwarded === true ? 'forwarded_often' : 'forwarded')}
        </p>
      )}
      {Object.keys(advertisement).length > 0 && (
        <p className="mb-1 flex items-start gap-1.5 rounded-lg bg-current/6 px-2 py-1.5 text-xs">
          <Megaphone aria-hidden className="mt-px size-3.5 shrink-0" />
          <span className="line-clamp-2">
            {t('from_advertisement')} <bdi className="font-medium">{headline}</bdi>
          </span>
        </p>
      )}
    </>
  )
}

/** What WhatsApp itself says in a thread: a line in the middle. */
function Notice({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  const kind = text(object(object(message.payload).system).type)
  const known = ['user_changed_number', 'user_changed_user_id', 'customer_identity_changed'].includes(kind)
  const words =
    message.message_type === 'request_welcome' ? t('notice.welcome') : known ? t(`notice.${kind}`) : message.message
  return (
    <div className="flex justify-center px-6 py-1.5">
      <p className="max-w-[75ch] rounded-lg bg-surface-2 px-3 py-1 text-center text-balance text-xs text-muted" dir="auto" title={message.message}>
        {words}
      </p>
    </div>
  )
}
