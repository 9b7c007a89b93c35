import { Hourglass, Lock } from 'lucide-react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { formatLocale } from '../../app/i18n'
import { contactTitle, fullTime, listTime } from '../../lib/format'
import type { Conversation } from '../../lib/inbox'
import { Avatar } from '../../ui/avatar'
import { cx } from '../../ui/cx'
import { Preview } from './preview'

export const kRowHeight = 72
const kSoonMs = 2 * 3_600_000

export interface ConversationRowProps {
  conversation: Conversation
  id: string
  now: Date
  isSelected: boolean
  isActive: boolean
  position: number
  count: number
  onOpen(id: number): void
}

export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { conversation, isSelected, isActive, onOpen } = props
  const { t, i18n } = useTranslation('list')
  const locale = formatLocale(i18n.language)
  const { unread_count: unread, last_message_at: at } = conversation
  return (
    <div
      role="option"
      id={props.id}
      aria-selected={isSelected}
      aria-posinset={props.position}
      aria-setsize={props.count}
      onClick={() => onOpen(conversation.id)}
      className={cx(
        'mx-2 flex h-[72px] cursor-pointer items-center gap-3 rounded-xl px-2.5 transition-colors',
        isSelected ? 'bg-accent-soft' : 'hover:bg-surface-3',
        isActive && 'group-focus-visible:outline-2 group-focus-visible:-outline-offset-2 group-focus-visible:outline-focus',
      )}
    >
      <Avatar name={conversation.customer_name} seed={conversation.contact_id} isGroup={conversation.is_group} />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline gap-2">
          <span className={cx('flex min-w-0 flex-1 text-[0.9375rem]', unread > 0 ? 'font-semibold' : 'font-medium')}>
            <span className="truncate" dir="auto">
              {contactTitle(conversation)}
            </span>
          </span>
          <time
            dateTime={at}
            title={fullTime(at, locale)}
            className={cx('shrink-0 text-xs', unread > 0 ? 'font-medium text-accent' : 'text-muted')}
          >
            {listTime(at, props.now, locale)}
          </time>
        </div>
        <div className="mt-0.5 flex items-center gap-2">
          <Preview conversation={conversation} isSelected={isSelected} />
          <WindowMark conversation={conversation} now={props.now} />
          {unread > 0 && (
            <span className="grid h-5 min-w-5 shrink-0 place-items-center rounded-full bg-accent px-1.5 text-xs font-semibold text-accent-text">
              <span aria-hidden>{unread > 99 ? '99+' : unread}</span>
              <span className="sr-only">{t('unread_count', { count: unread })}</span>
            </span>
          )}
        </div>
      </div>
    </div>
  )
})

/** Says when free replies end soon, or have ended. */
function WindowMark({ conversation, now }: { conversation: Conversation; now: Date }) {
  const { t } = useTranslation('list')
  if (conversation.window_expires_at === null) return null
  const left = Date.parse(conversation.window_expires_at) - now.getTime()
  if (left > kSoonMs) return null
  if (left <= 0) {
    return (
      <span title={t('window_closed')} className="shrink-0 text-muted">
        <Lock className="size-3.5" aria-label={t('window_closed')} />
      </span>
    )
  }
  const minutes = Math.max(1, Math.floor(left / 60_000))
  const text = minutes >= 60 ? t('hours_left', { count: Math.floor(minutes / 60) }) : t('minutes_left', { count: minutes })
  return (
    <span
      title={t('window_closes_soon')}
      className="inline-flex shrink-0 items-center gap-0.5 rounded-md bg-warn-soft px-1.5 text-xs font-medium text-warn"
    >
      <Hourglass className="size-3" aria-hidden />
      <span className="sr-only">{t('window_closes_soon')}: </span>
      {text}
    </span>
  )
}
