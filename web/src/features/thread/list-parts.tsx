import { ChevronDown, LoaderCircle } from 'lucide-react'
import { useTranslation } from 'react-i18next'

export function DayPill({ label }: { label: string }) {
  return (
    <div className="flex justify-center py-2.5">
      <span className="rounded-full bg-surface-2 px-3 py-1 text-xs font-medium text-muted shadow-xs first-letter:uppercase">
        {label}
      </span>
    </div>
  )
}

export function UnreadDivider({ count }: { count: number }) {
  const { t } = useTranslation('thread')
  return (
    <div className="flex items-center gap-3 px-4 py-3 text-xs font-semibold text-accent sm:px-6">
      <span aria-hidden className="h-px flex-1 bg-accent/40" />
      {t('unread', { count })}
      <span aria-hidden className="h-px flex-1 bg-accent/40" />
    </div>
  )
}

/** Stands above the oldest message: there is more, it comes, or it did not. */
export function OlderRow({
  hasOlder,
  isLoading,
  failed,
  onRetry,
}: {
  hasOlder: boolean
  isLoading: boolean
  failed: boolean
  onRetry(): Promise<void>
}) {
  const { t } = useTranslation('thread')
  return (
    <div role="listitem" className="absolute inset-x-0 top-0 flex h-12 items-center justify-center text-xs text-muted">
      {isLoading && (
        <>
          <LoaderCircle aria-hidden className="me-2 size-4 animate-spin motion-reduce:animate-none" />
          {t('older.loading')}
        </>
      )}
      {failed && (
        <>
          {t('older.failed')}
          <button type="button" onClick={() => void onRetry()} className="ms-2 min-h-6 font-semibold text-accent hover:underline">
            {t('action.try_again')}
          </button>
        </>
      )}
      {!hasOlder && !isLoading && t('older.none')}
    </div>
  )
}

export function JumpButton({ fresh, onClick }: { fresh: number; onClick(): void }) {
  const { t } = useTranslation('thread')
  const shape =
    'absolute bottom-4 end-4 z-10 flex h-10 items-center gap-1.5 rounded-full shadow-pop'
  if (fresh === 0) {
    return (
      <button
        type="button"
        onClick={onClick}
        aria-label={t('to_newest')}
        className={`${shape} w-10 justify-center border border-border bg-surface text-muted hover:text-text`}
      >
        <ChevronDown aria-hidden className="size-5" />
      </button>
    )
  }
  return (
    <button type="button" onClick={onClick} className={`${shape} bg-accent ps-3 pe-4 text-sm font-semibold text-accent-text`}>
      <ChevronDown aria-hidden className="size-5" />
      {t('new_messages', { count: fresh })}
    </button>
  )
}
