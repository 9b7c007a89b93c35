import { ReceiptText, RefreshCw, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { mayManage, useMe } from '../../lib/account'
import { problemOf } from '../../lib/problem'
import { syncTemplates, type TemplateList } from '../../lib/templates'
import { Button, Spinner } from '../../ui'
import { format } from '../thread/days'
import { useLocale } from '../thread/use-locale'

const kManager = 'https://business.facebook.com/latest/whatsapp_manager/message_templates'

function useSync() {
  const { t } = useTranslation('templates')
  const may = mayManage(useMe()?.role)
  const [busy, setBusy] = useState(false)
  const [result, setResult] = useState<{ words: string; failed: boolean } | null>(null)
  async function sync() {
    setBusy(true)
    setResult(null)
    try {
      const { synced, problems } = await syncTemplates()
      const [first] = problems
      setResult(first ? { words: first.sync_problem.detail, failed: true } : { words: t('sync.done', { count: synced }), failed: false })
    } catch (error) {
      const problem = problemOf(error)
      setResult({ words: problem.status === 0 ? t('unreachable') : problem.detail, failed: true })
    } finally {
      setBusy(false)
    }
  }
  return { may, busy, result, sync: () => void sync() }
}

/** How fresh the list is, why it is not, and "Sync now" for those who may. */
export function SyncLine({ list }: { list: TemplateList | undefined }) {
  const { t } = useTranslation('templates')
  const locale = useLocale()
  const { may, busy, result, sync } = useSync()
  const problem = list?.syncs.find(({ sync_problem }) => sync_problem)?.sync_problem
  const at = list?.synced_at ? format(locale, 'date').format(new Date(list.synced_at)) : null
  return (
    <div className="border-t border-border px-4 py-2.5 pb-[calc(0.625rem+env(safe-area-inset-bottom))] text-xs text-muted">
      <div className="flex items-center gap-2">
        <span className="flex-1">{at ? t('sync.at', { at }) : t('sync.never')}</span>
        {may && (
          <Button size="small" look="ghost" disabled={busy} onClick={sync}>
            {busy ? <Spinner /> : <RefreshCw aria-hidden className="size-3.5" />}
            {t(busy ? 'sync.busy' : 'sync.now')}
          </Button>
        )}
      </div>
      <p role="status" className={result?.failed ? 'text-danger' : ''}>
        {result?.words}
      </p>
      {problem && !result && (
        <p className="mt-1 flex gap-1.5 text-warn">
          <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
          {problem.detail}
        </p>
      )}
    </div>
  )
}

/** What templates are and how one gets them. */
export function NoTemplates({ list }: { list: TemplateList | undefined }) {
  const { t } = useTranslation('templates')
  const { may } = useSync()
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="m-auto flex max-w-md flex-col items-center gap-2 overflow-y-auto p-6 text-center">
        <span className="grid size-14 place-items-center rounded-full bg-surface-3 text-muted">
          <ReceiptText aria-hidden className="size-7" />
        </span>
        <p className="mt-2 text-lg font-semibold">{t('empty.title')}</p>
        <p className="text-muted">{t('empty.what')}</p>
        <p className="text-muted">{t(may ? 'empty.how' : 'empty.ask')}</p>
        {may && (
          <a href={kManager} target="_blank" rel="noopener noreferrer" className="mt-1 inline-flex min-h-6 items-center font-medium text-accent underline underline-offset-2">
            {t('empty.manager')}
          </a>
        )}
      </div>
      <SyncLine list={list} />
    </div>
  )
}
