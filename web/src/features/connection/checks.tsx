import { useQuery } from '@tanstack/react-query'
import { Check, CircleCheck, CircleHelp, CircleX, Copy, RefreshCw, TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { PageLink } from '../../app/page-frame'
import { checkConnection, connectionQuery, type Check as Checked } from '../../lib/connection'
import { ProblemError } from '../../lib/problem'
import { subscribeNumber } from '../../lib/settings'
import { Button, cx, IconButton } from '../../ui'
import { useCopy } from '../details/use-copy'
import { Panel, ProblemLine, useAct, Waiting } from '../settings/parts'

const kLooks = {
  ok: { icon: CircleCheck, look: 'text-ok' },
  warning: { icon: TriangleAlert, look: 'text-warn' },
  failed: { icon: CircleX, look: 'text-danger' },
  unknown: { icon: CircleHelp, look: 'text-muted' },
}

const kOrder = ['failed', 'warning', 'unknown', 'ok']

/** What asks for something comes first; otherwise they stay in their order. */
function sorted(checks: Checked[]): Checked[] {
  return [...checks].sort((a, b) => kOrder.indexOf(a.state) - kOrder.indexOf(b.state))
}

export function Checks() {
  const { t } = useTranslation('connection')
  const query = useQuery(connectionQuery())
  const { busy, problem, act } = useAct()
  if (!query.data) return <Waiting error={query.error} onRetry={() => void query.refetch()} />
  const { checks, missing, callback_url } = query.data
  const first = checks.find(({ id }) => id === missing)
  const run = () => void act('check', checkConnection)
  const subscribe = (id: string) =>
    act('subscribe', async () => {
      const failed = (await subscribeNumber(id)).find(({ ok }) => !ok)
      if (failed) throw new ProblemError({ code: 'refused', detail: failed.detail, status: 409 })
      await checkConnection()
    })
  const warnings = checks.filter(({ state }) => state === 'warning').length
  return (
    <div className="flex flex-col gap-4">
      <section aria-label={t('summary')} className={cx('rounded-2xl p-5', first ? 'bg-danger-soft' : warnings ? 'bg-warn-soft' : 'bg-accent-soft')}>
        <h2 className="text-xl leading-7 font-semibold wrap-anywhere">{first ? <span lang="en">{`${first.title}: ${first.detail}`}</span> : t(warnings > 0 ? 'works_with_warnings' : 'works')}</h2>
        {first?.advice && (
          <p lang="en" className="mt-1.5 wrap-anywhere">
            {first.advice}
          </p>
        )}
        <div className="mt-4 flex flex-wrap gap-2">
          {first?.action && (
            <Button look="primary" disabled={busy !== null} onClick={() => first.action && void subscribe(first.action.phone_number_id)}>
              {t(busy === 'subscribe' ? 'subscribing' : 'subscribe')}
            </Button>
          )}
          <Button disabled={busy !== null} onClick={run}>
            <RefreshCw aria-hidden className={cx('size-4', busy === 'check' && 'animate-spin')} />
            {t(busy === 'check' ? 'checking' : 'check_again')}
          </Button>
        </div>
        <p role="status" className="sr-only">
          {busy === 'check' ? t('checking') : ''}
        </p>
      </section>
      <ProblemLine problem={problem} />
      <Panel title={t('webhook')}>
        <p className="text-muted">{t('webhook_help')}</p>
        <p className="mt-3 mb-1 text-[0.8125rem] font-medium">{t('callback_url')}</p>
        {callback_url ? <Copyable text={callback_url} /> : <p className="text-warn">{t('no_callback_url')}</p>}
        <p className="mt-3 text-[0.8125rem] text-muted">
          {t('verify_token_hint')}{' '}
          <PageLink to="/settings/numbers" className="font-medium text-accent underline underline-offset-2">
            {t('to_numbers')}
          </PageLink>
        </p>
      </Panel>
      <Panel title={t('checks')}>
        <ul className="divide-y divide-border">
          {sorted(checks).map((check) => (
            <CheckRow key={check.id} check={check} busy={busy !== null} onSubscribe={check.id === missing ? undefined : subscribe} />
          ))}
        </ul>
      </Panel>
    </div>
  )
}

function CheckRow({ check, busy, onSubscribe }: { check: Checked; busy: boolean; onSubscribe: ((id: string) => void) | undefined }) {
  const { t } = useTranslation('connection')
  const { icon: Icon, look } = kLooks[check.state]
  return (
    <li className="flex gap-3 py-3 first:pt-0 last:pb-0">
      <Icon aria-hidden className={cx('mt-px size-5 shrink-0', look)} />
      <div className="min-w-0 flex-1" lang="en" dir="auto">
        <p className="font-medium wrap-anywhere">
          {check.title} <span className="sr-only">({t(`state.${check.state}`)})</span>
        </p>
        <p className="text-[0.8125rem] wrap-anywhere text-muted">{check.detail}</p>
        {check.advice && check.state !== 'ok' && <p className="mt-1 text-[0.8125rem] wrap-anywhere">{check.advice}</p>}
        {check.action && onSubscribe && (
          <Button size="small" className="mt-2" disabled={busy} onClick={() => check.action && onSubscribe(check.action.phone_number_id)}>
            {t('subscribe')}
          </Button>
        )}
      </div>
    </li>
  )
}

function Copyable({ text }: { text: string }) {
  const { t } = useTranslation('connection')
  const { copied, copy } = useCopy()
  return (
    <p className="flex items-center gap-1">
      <code dir="ltr" className="min-w-0 rounded-md bg-surface-3 px-2.5 py-1.5 font-mono text-[0.8125rem] wrap-anywhere select-all">
        {text}
      </code>
      <IconButton label={t(copied ? 'copied' : 'copy')} onClick={() => copy(text)}>
        {copied ? <Check aria-hidden className="size-4 text-ok" /> : <Copy aria-hidden className="size-4" />}
      </IconButton>
      <span role="status" className="sr-only">
        {copied ? t('copied') : ''}
      </span>
    </p>
  )
}
