import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import { excerptOf } from './excerpt'
import { typeLabel } from './message-content'

/** The quoted message inside a reply; pressing it goes there. */
export function Quote({
  quoted,
  customerName,
  onReveal,
}: {
  quoted: ThreadMessage | undefined
  customerName: string
  onReveal(): void
}) {
  const { t } = useTranslation('thread')
  const who = quoted ? (quoted.sender === 'customer' ? customerName : t('us')) : null
  const colour = quoted?.sender === 'customer' ? 'border-accent' : 'border-muted'
  return (
    <button
      type="button"
      onClick={onReveal}
      className={`mb-1 block w-full min-w-36 rounded-lg border-s-4 bg-current/6 px-2.5 py-1.5 text-start text-[0.8125rem] leading-snug hover:bg-current/10 ${colour}`}
    >
      <span className="sr-only">{t('quote.label')} </span>
      {who && (
        <span className="flex font-semibold">
          <span className="truncate" dir="auto">
            {who}
          </span>
        </span>
      )}
      <span className="line-clamp-2 wrap-anywhere opacity-80" dir="auto">
        {quoted ? excerptOfMessage(quoted, t) : t('quote.older')}
      </span>
    </button>
  )
}

/** One line of what a message says. */
export function excerptOfMessage(message: ThreadMessage, t: ReturnType<typeof useTranslation<'thread'>>['t']): string {
  if (message.revoked_at) return t('deleted')
  const said = excerptOf(message.message_type, message.message)
  // Messages with buttons speak for themselves.
  if (said && ['text', 'interactive', 'button', 'template'].includes(message.message_type)) return said
  return [typeLabel(message, t), said].filter(Boolean).join(' · ')
}
