import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf, type Problem } from '../../lib/problem'
import type { CheckStep } from '../../lib/settings'
import { Button, cx, Spinner } from '../../ui'

export function Panel({ title, children, actions }: { title?: ReactNode; children: ReactNode; actions?: ReactNode }) {
  return (
    <section className="rounded-2xl border border-border bg-surface p-4 sm:p-5">
      {title && (
        <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
          <h2 className="min-w-0 flex-1 text-[0.9375rem] font-semibold wrap-anywhere">{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </section>
  )
}

/** Words for a problem of a call. */
export function useProblemWords(): (problem: Problem) => string {
  const { t } = useTranslation()
  return (problem) => (problem.status === 0 ? t('unreachable') : problem.detail || t('went_wrong'))
}

/** Runs one thing at a time and keeps what went wrong with it. */
export function useAct(): { busy: string | null; problem: Problem | null; act(name: string, what: () => Promise<unknown>): Promise<boolean>; clear(): void } {
  const [busy, setBusy] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  return {
    busy,
    problem,
    clear: () => setProblem(null),
    async act(name, what) {
      setBusy(name)
      setProblem(null)
      try {
        await what()
        return true
      } catch (error) {
        setProblem(problemOf(error))
        return false
      } finally {
        setBusy(null)
      }
    },
  }
}

export function ProblemLine({ problem }: { problem: Problem | null }) {
  const words = useProblemWords()
  if (!problem) return null
  return (
    <p role="alert" className="rounded-xl bg-danger-soft p-3 text-[0.8125rem] wrap-anywhere text-danger">
      {words(problem)}
    </p>
  )
}

/** A list that is loading, or could not be loaded. */
export function Waiting({ error, onRetry }: { error: unknown; onRetry(): void }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  if (!error) return <Spinner label={t('loading')} className="late" />
  return (
    <div role="alert" className="flex flex-col items-start gap-3">
      <p className="text-danger">{words(problemOf(error))}</p>
      <Button onClick={onRetry}>{t('try_again')}</Button>
    </div>
  )
}

export function Chip({ look, children }: { look: 'ok' | 'warn' | 'danger' | 'plain'; children: ReactNode }) {
  const looks = { ok: 'bg-accent-soft text-accent', warn: 'bg-warn-soft text-warn', danger: 'bg-danger-soft text-danger', plain: 'bg-surface-3 text-muted' }
  const Icon = { ok: CircleCheck, warn: TriangleAlert, danger: CircleX, plain: null }[look]
  return (
    <span className={cx('inline-flex min-h-6 items-center gap-1 rounded-full px-2 text-xs font-medium', looks[look])}>
      {Icon && <Icon aria-hidden className="size-3.5 shrink-0" />}
      {children}
    </span>
  )
}

/** Meta's error code. */
const kTokenInvalid = 190

/** What Meta said, step by step, and what to do about what failed. */
export function Steps({ steps }: { steps: CheckStep[] }) {
  const { t } = useTranslation('settings')
  // Without a good token everything else fails as well.
  const first = steps.findIndex(({ ok }) => !ok)
  return (
    <ol aria-label={t('steps.title')} className="flex flex-col gap-2">
      {steps.map(({ step, ok, detail, code }, index) => {
        const Icon = ok ? CircleCheck : CircleX
        return (
          <li key={step} className="flex gap-2.5 rounded-xl bg-surface-2 p-3">
            <Icon aria-hidden className={cx('mt-px size-5 shrink-0', ok ? 'text-ok' : 'text-danger')} />
            <div className="min-w-0 text-[0.8125rem]">
              <p className="font-medium">
                {t(`steps.${step}`)} <span className="sr-only">{t(ok ? 'steps.ok' : 'steps.failed')}</span>
              </p>
              <p lang="en" dir="auto" className="wrap-anywhere text-muted">
                {detail}
                {code > 0 && ` (${code})`}
              </p>
              {!ok && (index === first || code !== kTokenInvalid) && <p className="mt-1 wrap-anywhere">{t(`advice.${step}`)}</p>}
            </div>
          </li>
        )
      })}
    </ol>
  )
}
