import { Forward } from 'lucide-react'
import { memo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatPhone } from '../../lib/format'
import { problemOf, type ThreadMessage } from '../../lib/inbox'
import { colourOf } from '../../ui/avatar'
import { BubbleProblem, type BubbleActions } from './bubble-problem'
import { authorOf, isNotice } from './days'
import { InnerErrors } from './inner-errors'
import { abilitiesOf, MessageActions, type Asked } from './message-actions'
import { MessageContent } from './message-content'
import { object, text } from './payload'
import { Quote } from './quote'
import { ourReaction, ReactionChips, ReactionPicker } from './reactions'
import { ProductNote, ReferralCard } from './structured/cards'
import { Meta, tickOf } from './ticks'
import { useTouch } from './use-touch'

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
  return isNotice(props.message) ? <Notice message={props.message} /> : <Said {...props} />
})

function Said(props: BubbleProps) {
  const { message, first, last, flash, actions } = props
  const { t } = useTranslation('thread')
  const box = useRef<HTMLDivElement>(null)
  const [asked, setAsked] = useState<Asked>(null)
  const [problem, setProblem] = useState('')
  const ours = message.sender === 'agent'
  const tick = tickOf(message)
  const failed = tick === 'failed' || tick === 'refused'
  const author = first ? authorOf(message) : null
  const replyTo = message.reply_to_whatsapp_message_id
  const { answer } = abilitiesOf(message, actions.canWrite)
  const touch = useTouch(() => setAsked('menu'), answer ? () => actions.reply(message) : null)
  // Words under a file are as wide as the file.
  const width = message.media || message.local?.file ? 'max-w-[min(100%,19.5rem)]' : 'max-w-full'
  const corners = ours
    ? `${first ? '' : 'rounded-se-md'} ${last ? 'rounded-ee-sm' : 'rounded-ee-md'}`
    : `${first ? '' : 'rounded-ss-md'} ${last ? 'rounded-es-sm' : 'rounded-es-md'}`
  const colours = isBare(message) ? 'text-text' : `shadow-xs ${ours ? 'bg-bubble-out text-bubble-out-text' : 'bg-bubble-in text-text'}`

  const react = (emoji: string) => {
    setProblem('')
    actions.react(message, emoji).catch((cause: unknown) => setProblem(problemOf(cause).detail || t('action.went_wrong')))
  }
  return (
    <div
      className={`group/row relative flex gap-1 px-3 transition-colors duration-700 motion-reduce:transition-none sm:px-6 ${first ? 'pt-2' : 'pt-0.5'} ${ours ? 'flex-row-reverse' : ''} ${flash ? 'bg-accent/15' : ''}`}
    >
      <div className={`flex max-w-[min(85%,68ch)] min-w-0 flex-col ${ours ? 'items-end' : 'items-start'}`}>
        <div
          ref={box}
          data-bubble={ours ? 'out' : 'in'}
          {...touch}
          className={`relative ${width} min-w-0 touch-pan-y rounded-2xl px-3 py-1.5 text-[0.9375rem] leading-[1.4] pointer-coarse:select-none ${corners} ${colours} ${failed ? 'ring-1 ring-danger/50' : ''} ${tick === 'sending' || tick === 'waiting' ? 'opacity-85' : ''}`}
        >
          <span className="sr-only">{t('said', { who: ours ? t('us') : author ? formatPhone(author) : props.customerName })} </span>
          {author && (
            <p className={`author-${colourOf(author)} text-xs font-semibold`}>
              <bdi>{formatPhone(author)}</bdi>
            </p>
          )}
          <Origin message={message} />
          {replyTo && !message.revoked_at && (props.quoted || !isAboutProduct(message)) && (
            <Quote quoted={props.quoted} customerName={props.customerName} onReveal={() => props.onReveal(replyTo)} />
          )}
          <MessageContent message={message} actions={actions}>
            <Meta message={message} asked={asked === 'details'} onAsked={(open) => setAsked(open ? 'details' : null)} />
          </MessageContent>
          <InnerErrors message={message} />
          <BubbleProblem message={message} actions={actions} />
        </div>
        <ReactionChips
          message={message}
          customerName={props.customerName}
          canReact={answer}
          className={ours ? 'pe-2' : 'ps-2'}
          onReact={react}
        />
        {problem && (
          <p role="alert" className="mt-1 text-xs text-danger">
            {problem}
          </p>
        )}
      </div>
      <MessageActions message={message} actions={actions} asked={asked} onAsk={setAsked} />
      {asked === 'react' && <ReactionPicker anchor={box} chosen={ourReaction(message)} onPick={react} onClose={() => setAsked(null)} />}
    </div>
  )
}

/** A question about a product quotes its page, which is no message. */
function isAboutProduct({ payload }: ThreadMessage): boolean {
  return object(object(payload).context).referred_product !== undefined
}

/** A sticker stands by itself. */
function isBare({ message_type, media, revoked_at }: ThreadMessage): boolean {
  return message_type === 'sticker' && media?.state === 'stored' && media.inline && !revoked_at
}

/** Where a message came from: forwarded, an advertisement, a product's page. */
function Origin({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  const payload = object(message.payload)
  const context = object(payload.context)
  const referral = object(payload.referral)
  return (
    <>
      {(context.forwarded === true || context.frequently_forwarded === true) && (
        <p className="flex items-center gap-1 text-xs italic opacity-75">
          <Forward aria-hidden className="size-3.5 rtl:-scale-x-100" />
          {t(context.frequently_forwarded === true ? 'forwarded_often' : 'forwarded')}
        </p>
      )}
      {Object.keys(referral).length > 0 && <ReferralCard referral={referral} />}
      <ProductNote product={object(context.referred_product)} />
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
      <p className="max-w-[75ch] rounded-lg bg-surface-2 px-3 py-1 text-center text-xs text-muted" dir="auto" title={message.message}>
        {words}
      </p>
    </div>
  )
}
