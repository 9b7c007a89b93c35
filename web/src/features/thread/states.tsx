import { CircleAlert, MessagesSquare } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../../lib/inbox'
import { Button } from '../../ui'

export function ThreadSkeleton() {
  const { t } = useTranslation('thread')
  const bubbles = ['h-10 w-52', 'h-16 w-72', 'h-10 w-40 ms-auto', 'h-24 w-80', 'h-10 w-64 ms-auto', 'h-16 w-60 ms-auto']
  return (
    <div role="status" className="late flex min-h-0 flex-1 flex-col justify-end gap-3 overflow-hidden bg-bg p-6">
      <span className="sr-only">{t('loading')}</span>
      {bubbles.map((shape) => (
        <span key={shape} aria-hidden className={`max-w-[80%] shrink-0 animate-pulse rounded-2xl bg-surface ${shape}`} />
      ))}
    </div>
  )
}

export function ThreadError({ problem, onRetry }: { problem: Problem; onRetry(): void }) {
  const { t } = useTranslation('thread')
  const isGone = problem.status === 404
  return (
    <Middle tone="bg-danger-soft text-danger" icon={<CircleAlert aria-hidden className="size-7" />} title={t(isGone ? 'error.gone' : 'error.title')}>
      <p>{isGone ? t('error.gone_help') : problem.status === 0 ? t('error.unreachable') : problem.detail}</p>
      {!isGone && (
        <Button className="mt-4" onClick={onRetry}>
          {t('action.try_again')}
        </Button>
      )}
    </Middle>
  )
}

export function NoMessages() {
  const { t } = useTranslation('thread')
  return (
    <Middle icon={<MessagesSquare aria-hidden className="size-7" />} title={t('no_messages.title')}>
      {t('no_messages.help')}
    </Middle>
  )
}

function Middle({
  icon,
  title,
  tone = 'bg-accent-soft text-accent',
  children,
}: {
  icon: ReactNode
  title: string
  tone?: string
  children: ReactNode
}) {
  return (
    <div className="grid min-h-0 flex-1 place-items-center overflow-y-auto bg-bg p-8">
      <div className="max-w-sm text-center text-muted">
        <span className={`mx-auto mb-4 grid size-16 place-items-center rounded-full ${tone}`}>{icon}</span>
        <p className="mb-1 text-base font-semibold text-text">{title}</p>
        {children}
      </div>
    </div>
  )
}
