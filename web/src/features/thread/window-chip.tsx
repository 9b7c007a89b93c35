import { Clock3, LockKeyhole } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Tooltip, cx } from '../../ui'
import { format } from './days'
import { useLocale } from './use-locale'
import { duration, type WindowState } from './window'

/** How long free-form replies are still allowed; pressing it leads to the details. */
export function WindowChip({ state, onClick }: { state: WindowState; onClick(): void }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  if (state.kind === 'unknown') return null
  const isClosed = state.kind === 'closed'
  const at = format(locale, 'date').format(isClosed ? state.closedAt : state.closesAt)
  const left = isClosed ? '' : duration(state.leftMs, locale)
  const Icon = isClosed ? LockKeyhole : Clock3
  return (
    <Tooltip text={t(isClosed ? 'window.closed_help' : 'window.open_help', { at })}>
      <button
        type="button"
        onClick={onClick}
        className={cx(
          'flex h-7 shrink-0 items-center gap-1.5 rounded-full px-2.5 text-xs font-medium whitespace-nowrap tabular-nums',
          state.kind === 'open' ? 'bg-surface-3 text-muted' : 'bg-warn-soft text-warn',
        )}
      >
        <Icon aria-hidden className="size-3.5" />
        <span className="sr-only">{t('window.label')} </span>
        <span className="max-sm:sr-only">{isClosed ? t('window.closed') : t('window.left', { left })}</span>
        {!isClosed && (
          <span aria-hidden className="sm:hidden">
            {left}
          </span>
        )}
      </button>
    </Tooltip>
  )
}
