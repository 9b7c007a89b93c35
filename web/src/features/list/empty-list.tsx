import { CircleCheck, CloudOff, ExternalLink, Inbox, SearchX, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../../lib/inbox'
import { Button } from '../../ui/button'

function Notice({ icon: Icon, title, text, children }: { icon: LucideIcon; title: string; text: string; children?: ReactNode }) {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-2 px-8 pb-16 text-center">
      <span className="mb-1 grid size-14 place-items-center rounded-2xl bg-surface-3 text-muted">
        <Icon className="size-7" strokeWidth={1.75} aria-hidden />
      </span>
      <p className="text-[0.9375rem] font-semibold">{title}</p>
      <p className="max-w-72 text-muted">{text}</p>
      {children && <div className="mt-2 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  )
}

export interface EmptyListProps {
  q: string
  unread: boolean
  simulatorUrl: string | null
  onClearSearch(): void
  onShowAll(): void
  onNew(): void
}

/** Why nothing is listed, and what to do about it. */
export function EmptyList({ q, unread, simulatorUrl, onClearSearch, onShowAll, onNew }: EmptyListProps) {
  const { t } = useTranslation('list')
  if (q !== '') {
    return (
      <Notice icon={SearchX} title={t('no_hits')} text={t('no_hits_text', { q })}>
        <Button onClick={onClearSearch}>{t('clear_search')}</Button>
      </Notice>
    )
  }
  if (unread) {
    return (
      <Notice icon={CircleCheck} title={t('no_unread')} text={t('no_unread_text')}>
        <Button onClick={onShowAll}>{t('show_all')}</Button>
      </Notice>
    )
  }
  return (
    <Notice icon={Inbox} title={t('empty')} text={t(simulatorUrl ? 'empty_text_simulator' : 'empty_text')}>
      {simulatorUrl && (
        <a
          href={simulatorUrl}
          target="_blank"
          rel="noreferrer"
          className="inline-flex h-10 items-center gap-2 rounded-lg bg-accent px-4 font-medium text-accent-text hover:bg-accent-hover"
        >
          {t('open_simulator')}
          <ExternalLink className="size-4" aria-hidden />
        </a>
      )}
      <Button onClick={onNew}>{t('new_conversation')}</Button>
    </Notice>
  )
}

export function ListError({ problem, onRetry }: { problem: Problem; onRetry(): void }) {
  const { t } = useTranslation('list')
  const text = problem.status === 403 ? t('error_forbidden') : problem.status === 0 ? t('error_unreachable') : problem.detail
  return (
    <div role="alert" className="h-full">
      <Notice icon={CloudOff} title={t('error')} text={text}>
        <Button onClick={onRetry}>{t('retry')}</Button>
      </Notice>
    </div>
  )
}

export function ListSkeleton() {
  const { t } = useTranslation('list')
  return (
    <div role="status" aria-label={t('loading')} className="late">
      {Array.from({ length: 9 }, (_, index) => (
        <div key={index} aria-hidden className="mx-2 flex h-[72px] animate-pulse items-center gap-3 px-2.5">
          <div className="size-11 rounded-full bg-surface-3" />
          <div className="flex-1 space-y-2.5">
            <div className={index % 3 === 1 ? 'h-3.5 w-1/3 rounded bg-surface-3' : 'h-3.5 w-1/2 rounded bg-surface-3'} />
            <div className={index % 2 === 0 ? 'h-3 w-4/5 rounded bg-surface-3' : 'h-3 w-3/5 rounded bg-surface-3'} />
          </div>
        </div>
      ))}
    </div>
  )
}
