import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { loadVersions, problemOf, type ThreadMessage } from '../../lib/inbox'
import type { Version } from '../../lib/message-shapes'
import { Dialog, Spinner } from '../../ui'
import { format } from './days'
import { MessageText } from './message-text'
import { useLocale } from './use-locale'

const kMark = 'relative rounded-sm opacity-75 before:absolute before:-inset-1 hover:underline'

/** "Edited", which tells what it said before. */
export function EditedMark({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  return <Asking message={message} title={t('history.edited')} words={t('edited')} label={t('history.show_earlier')} className={kMark} />
}

/** In a deleted message: what it said, for those who ask. */
export function PastSaid({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  return (
    <Asking
      message={message}
      title={t('history.deleted')}
      words={t('history.show_deleted')}
      className="text-xs font-medium text-accent not-italic underline-offset-2 hover:underline"
    />
  )
}

function Asking({ message, title, words, label, className }: { message: ThreadMessage; title: string; words: string; label?: string; className: string }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)} aria-label={label} title={label} className={className}>
        {words}
      </button>
      {open && (
        <Dialog open onOpenChange={setOpen} title={title}>
          <Versions message={message} />
        </Dialog>
      )}
    </>
  )
}

function Versions({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const [versions, setVersions] = useState<Version[] | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    let gone = false
    loadVersions(message.id).then(
      (loaded) => !gone && setVersions(loaded),
      (error: unknown) => !gone && setProblem(problemOf(error).detail || t('action.went_wrong')),
    )
    return () => {
      gone = true
    }
  }, [message.id, t])
  if (problem) return <p role="alert">{problem}</p>
  if (!versions) return <Spinner label={t('loading')} />
  if (versions.length === 0) return <p className="text-muted">{t('history.none')}</p>
  const moment = format(locale, 'moment')
  return (
    <ol className="space-y-3 pb-2">
      {versions.map((version, index) => (
        <li key={index} className="rounded-xl bg-surface-2 p-3">
          <p className="mb-1 text-xs text-muted">
            <time dateTime={version.replaced_at}>{t('history.until', { at: moment.format(new Date(version.replaced_at)) })}</time>
          </p>
          <MessageText text={version.message} />
        </li>
      ))}
    </ol>
  )
}
