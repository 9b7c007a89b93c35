import { Check, Copy, X } from 'lucide-react'
import { useEffect, useRef, type ReactNode, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { PageLink } from '../../app/page-frame'
import { contactTitle, formatPhone } from '../../lib/format'
import { useConversation, useNow, usePhoneNumbers, type Conversation } from '../../lib/inbox'
import { Avatar, IconButton } from '../../ui'
import { format } from '../thread/days'
import { useLocale } from '../thread/use-locale'
import { duration, windowState } from '../thread/window'
import { useCopy } from './use-copy'

export function DetailsPane({ conversationId, onClose }: { conversationId: number; onClose(): void }) {
  const { t } = useTranslation('thread')
  const { conversation, error } = useConversation(conversationId)
  const pane = useRef<HTMLDivElement>(null)
  useFocusWhileCovering(pane)
  return (
    <div
      ref={pane}
      tabIndex={-1}
      className="flex h-full min-h-0 flex-col bg-surface outline-none"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        // Only this is closed, not the conversation as well.
        event.preventDefault()
        onClose()
      }}
    >
      <header className="flex h-16 shrink-0 items-center gap-2 border-b border-border ps-5 pe-3">
        <h2 className="flex-1 text-[0.9375rem] font-semibold">{t('details.title')}</h2>
        <IconButton label={t('details.close')} onClick={onClose}>
          <X aria-hidden className="size-5" />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {conversation ? (
          <Details conversation={conversation} />
        ) : error ? (
          <p role="alert" className="p-6 text-muted">
            {error.status === 404 ? t('error.gone') : t('error.title')}
          </p>
        ) : (
          <Skeleton />
        )}
      </div>
    </div>
  )
}

/** Where the pane covers the thread, the keyboard moves into it and back. */
function useFocusWhileCovering(target: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (window.matchMedia('(min-width: 75rem)').matches) return
    const before = document.activeElement
    target.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [target])
}

function Details({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const { copied, copy } = useCopy()
  const numbers = usePhoneNumbers()
  const business = numbers.find(({ phone_number_id }) => phone_number_id === conversation.phone_number_id)
  const isNumber = /^\d{7,15}$/u.test(conversation.customer_phone)
  const phone = formatPhone(conversation.customer_phone)
  return (
    <>
      <div className="flex flex-col items-center gap-1 px-6 pt-8 pb-6 text-center">
        <Avatar name={conversation.customer_name} seed={conversation.contact_id} isGroup={conversation.is_group} size="large" />
        <p className="mt-3 max-w-full text-lg leading-6 font-semibold wrap-anywhere">
          <bdi>{contactTitle(conversation)}</bdi>
        </p>
        <p className="flex max-w-full items-center gap-1 text-muted">
          <bdi className="min-w-0 wrap-anywhere">{phone}</bdi>
          <IconButton
            label={copied ? t('details.copied') : t(isNumber ? 'details.copy' : 'details.copy_id')}
            onClick={() => copy(isNumber ? `+${conversation.customer_phone}` : conversation.customer_phone)}
            className="size-8"
          >
            {copied ? <Check aria-hidden className="size-4 text-ok" /> : <Copy aria-hidden className="size-4" />}
          </IconButton>
          <span role="status" className="sr-only">
            {copied ? t('details.copied') : ''}
          </span>
        </p>
        {conversation.is_group && (
          <span className="rounded-full bg-accent-soft px-2.5 py-0.5 text-xs font-medium text-accent">{t('group')}</span>
        )}
        <PageLink
          to={`/contacts/${conversation.contact_id}`}
          className="mt-2 inline-flex h-8 items-center rounded-lg border border-border px-3 text-[0.8125rem] font-medium hover:bg-surface-3"
        >
          {t('common:contact_page')}
        </PageLink>
        {!isNumber && !conversation.is_group && <p className="text-xs text-muted">{t('details.hidden_number')}</p>}
      </div>
      <Window conversation={conversation} />
      <dl className="px-6 pb-8">
        <Fact label={t('details.business')}>
          {business?.verified_name && (
            <span className="block">
              <bdi>{business.verified_name}</bdi>
            </span>
          )}
          <bdi className={business?.verified_name ? 'text-muted' : ''}>
            {business ? formatPhone(business.display_phone_number) : conversation.phone_number_id}
          </bdi>
        </Fact>
        <Fact label={t('details.state')}>{t(`details.${conversation.status}`)}</Fact>
        {conversation.unread_count > 0 && (
          <Fact label={t('details.unread')}>{conversation.unread_count.toLocaleString(locale)}</Fact>
        )}
        <Fact label={t('details.last_incoming')}>
          {conversation.last_incoming_at ? <Moment at={conversation.last_incoming_at} /> : t('details.never')}
        </Fact>
        <Fact label={t('details.since')}>
          <Moment at={conversation.created_at} />
        </Fact>
      </dl>
    </>
  )
}

function Window({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const now = useNow(30_000)
  const state = windowState(conversation, now)
  const [tone, title, help] =
    state.kind === 'unknown'
      ? ['bg-surface-3', t('window.unknown'), t('window.unknown_help')]
      : state.kind === 'closed'
        ? ['bg-warn-soft', t('window.closed'), t('window.closed_help', { at: format(locale, 'date').format(state.closedAt) })]
        : [
            state.kind === 'closing' ? 'bg-warn-soft' : 'bg-accent-soft',
            t('window.open', { left: duration(state.leftMs, locale) }),
            t('window.open_help', { at: format(locale, 'date').format(state.closesAt) }),
          ]
  const kDay = 24 * 3_600_000
  return (
    <section className={`mx-5 mb-4 rounded-xl p-3.5 ${tone}`}>
      <h3 className="mb-0.5 text-xs text-muted">{t('window.label')}</h3>
      <p className="font-semibold">{title}</p>
      {(state.kind === 'open' || state.kind === 'closing') && (
        <progress
          max={kDay}
          value={Math.min(kDay, state.leftMs)}
          aria-label={t('window.label')}
          className="my-1.5 block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-current/15 [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-transparent [&::-webkit-progress-value]:rounded-full [&::-webkit-progress-value]:bg-accent"
        />
      )}
      <p className="text-[0.8125rem] text-muted">{help}</p>
    </section>
  )
}

function Moment({ at }: { at: string }) {
  const locale = useLocale()
  return <time dateTime={at}>{format(locale, 'date').format(new Date(at))}</time>
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="border-b border-border py-3 last:border-0">
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="mt-0.5 wrap-anywhere">{children}</dd>
    </div>
  )
}

function Skeleton() {
  const { t } = useTranslation('thread')
  return (
    <div role="status" className="flex animate-pulse flex-col items-center gap-3 p-8">
      <span className="sr-only">{t('loading')}</span>
      <span className="size-20 rounded-full bg-surface-3" />
      <span className="h-5 w-36 rounded bg-surface-3" />
      <span className="h-4 w-28 rounded bg-surface-3" />
      <span className="mt-4 h-20 w-full rounded-xl bg-surface-3" />
    </div>
  )
}
