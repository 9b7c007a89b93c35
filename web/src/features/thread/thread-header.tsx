import { ArrowLeft, Eye, PanelRight } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { contactTitle, formatPhone } from '../../lib/format'
import type { Agent, Conversation } from '../../lib/inbox'
import { Avatar, IconButton } from '../../ui'
import { useLocale } from './use-locale'
import { WindowChip } from './window-chip'
import type { WindowState } from './window'

export function ThreadHeader({
  conversation,
  isLoading,
  viewing,
  window,
  onBack,
  onToggleDetails,
}: {
  conversation: Conversation | undefined
  isLoading: boolean
  viewing: Agent[]
  window: WindowState
  onBack(): void
  onToggleDetails(): void
}) {
  const { t } = useTranslation('thread')
  return (
    <header className="z-10 flex h-16 shrink-0 items-center gap-2 border-b border-border bg-surface px-2 sm:px-4">
      <IconButton label={t('back')} onClick={onBack} className="md:hidden">
        <ArrowLeft aria-hidden className="size-5 rtl:-scale-x-100" />
      </IconButton>
      {conversation ? (
        <button
          type="button"
          onClick={onToggleDetails}
          className="flex min-w-0 flex-1 items-center gap-3 rounded-lg py-1 text-start"
        >
          <Avatar name={conversation.customer_name} seed={conversation.contact_id} isGroup={conversation.is_group} />
          <Title conversation={conversation} viewing={viewing} />
        </button>
      ) : (
        <div className="flex flex-1 items-center gap-3" aria-hidden>
          {isLoading && <span className="late size-11 animate-pulse rounded-full bg-surface-3" />}
          {isLoading && <span className="late h-4 w-40 animate-pulse rounded bg-surface-3" />}
        </div>
      )}
      <WindowChip state={window} onClick={onToggleDetails} />
      {conversation && (
        <IconButton label={t('details.toggle')} shortcut="I" onClick={onToggleDetails}>
          <PanelRight aria-hidden className="size-5 rtl:-scale-x-100" />
        </IconButton>
      )}
    </header>
  )
}

function Title({ conversation, viewing }: { conversation: Conversation; viewing: Agent[] }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const title = contactTitle(conversation)
  const phone = formatPhone(conversation.customer_phone)
  const names = new Intl.ListFormat(locale, { type: 'conjunction' }).format(viewing.map((agent) => agent.name))
  return (
    <span className="min-w-0 flex-1">
      <span className="flex text-[0.9375rem] leading-5 font-semibold">
        <span className="truncate" dir="auto">
          {title}
        </span>
      </span>
      <span className="flex min-w-0 items-center gap-2 text-xs text-muted">
        {viewing.length > 0 ? (
          <span className="flex min-w-0 items-center gap-1 font-medium text-warn">
            <Eye aria-hidden className="size-3.5 shrink-0" />
            <span className="truncate">{t('viewing', { count: viewing.length, names })}</span>
          </span>
        ) : (
          <span className="truncate">{conversation.is_group ? t('group') : title === phone ? '' : <bdi>{phone}</bdi>}</span>
        )}
      </span>
    </span>
  )
}
