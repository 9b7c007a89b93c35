import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf, useConnectionState, type ThreadMessage } from '../../lib/inbox'
import { adviceKey, canHelpToRetry } from './advice'
import type { Card } from './payload'
import { tickOf } from './ticks'

/** What can be done about a message that did not go its way. */
export interface BubbleActions {
  retryFailed(messageId: number): Promise<void>
  settleUnknown(messageId: number, arrived: boolean): Promise<void>
  resend(clientId: string): void
  discard(clientId: string): void
  edit(message: ThreadMessage): void
  showNewest(): void
  /** Whether anything but a template can be sent now. */
  canWrite: boolean
  reply(message: ThreadMessage): void
  /** An empty emoji takes ours away. */
  react(message: ThreadMessage, emoji: string): Promise<void>
  /** Shows a picture whole. */
  view(message: ThreadMessage): void
  refetchMedia(message: ThreadMessage): Promise<void>
  /** Begins a conversation with a number. */
  write(phone: string): void
  /** Absent as long as there is nothing to add people to. */
  addContact?: ((card: Card) => void) | undefined
}

export function BubbleProblem({ message, actions }: { message: ThreadMessage; actions: BubbleActions }) {
  const tick = tickOf(message)
  switch (tick) {
    case 'failed':
      return <Failed message={message} actions={actions} />
    case 'unknown':
      return <Unknown message={message} actions={actions} />
    case 'refused':
      return <Refused message={message} actions={actions} />
    case 'not_sent':
      return <Saved message={message} actions={actions} />
    case 'waiting':
      return <Waiting message={message} actions={actions} />
    default:
      return null
  }
}

type Part = { message: ThreadMessage; actions: BubbleActions }

function Failed({ message, actions }: Part) {
  const { t } = useTranslation('thread')
  const { run, busy, problem } = useAction()
  const error = message.error
  const advice = error ? adviceKey(error.code) : null
  // The code stands below.
  const title = error?.title.replace(/^\(#\d+\) /u, '')
  return (
    <Explanation tone="danger" title={title ? t('failed.because', { title }) : t('failed.title')}>
      {advice ? t(`advice.${advice}`) : error?.details || t('advice.default')}
      {error && <span className="block opacity-80">{t('failed.code', { code: error.code })}</span>}
      {problem && <span className="block font-medium">{problem}</span>}
      <Actions>
        {canHelpToRetry(error?.code) && (
          <Action busy={busy} onClick={() => run(() => actions.retryFailed(message.id))}>
            {t('action.retry')}
          </Action>
        )}
        {message.message_type === 'text' && <Action onClick={() => actions.edit(message)}>{t('action.edit_copy')}</Action>}
      </Actions>
    </Explanation>
  )
}

function Unknown({ message, actions }: Part) {
  const { t } = useTranslation('thread')
  const { run, busy, problem } = useAction()
  return (
    <Explanation tone="warn" title={t('unknown.title')}>
      {t('unknown.help')}
      {problem && <span className="block font-medium">{problem}</span>}
      <Actions>
        <Action busy={busy} onClick={() => run(() => actions.settleUnknown(message.id, true))}>
          {t('action.arrived')}
        </Action>
        <Action busy={busy} onClick={() => run(() => actions.settleUnknown(message.id, false))}>
          {t('action.send_again')}
        </Action>
      </Actions>
    </Explanation>
  )
}

function Saved({ message, actions }: Part) {
  const { t } = useTranslation('thread')
  const { run, busy, problem } = useAction()
  return (
    <Explanation tone="warn" title={t('saved.title')}>
      {t('saved.help')}
      {problem && <span className="block font-medium">{problem}</span>}
      <Actions>
        <Action busy={busy} onClick={() => run(() => actions.retryFailed(message.id))}>
          {t('action.retry')}
        </Action>
      </Actions>
    </Explanation>
  )
}

function Refused({ message, actions }: Part) {
  const { t } = useTranslation('thread')
  const { clientId, problem } = message.local ?? {}
  if (clientId === undefined) return null
  const discard = <Action onClick={() => actions.discard(clientId)}>{t('action.discard')}</Action>
  if (problem?.code === 'newer_messages') {
    return (
      <Explanation tone="warn" title={t('newer.title')}>
        {t('newer.help')}
        <Actions>
          <Action onClick={actions.showNewest}>{t('action.see_new')}</Action>
          <Action onClick={() => actions.resend(clientId)}>{t('action.send_anyway')}</Action>
          {discard}
        </Actions>
      </Explanation>
    )
  }
  const isClosed = problem?.code === 'window_closed'
  const isLost = problem?.code === 'file_lost'
  const isText = message.message_type === 'text'
  return (
    <Explanation tone="danger" title={t('refused.title')}>
      {isClosed ? t('advice.window') : isLost ? t('refused.lost') : problem?.detail || t('refused.help')}
      <Actions>
        {!isClosed && !isLost && <Action onClick={() => actions.resend(clientId)}>{t('action.retry')}</Action>}
        {isText && <Action onClick={() => actions.edit(message)}>{t('action.edit')}</Action>}
        {discard}
      </Actions>
    </Explanation>
  )
}

function Waiting({ message, actions }: Part) {
  const { t } = useTranslation('thread')
  const clientId = message.local?.clientId
  // Online it only waits for its turn.
  if (useConnectionState() === 'live') return null
  return (
    <Explanation tone="muted" title={t('waiting.title')}>
      {clientId !== undefined && (
        <Actions>
          <Action onClick={() => actions.discard(clientId)}>{t('action.discard')}</Action>
        </Actions>
      )}
    </Explanation>
  )
}

const tones = { danger: 'text-danger', warn: 'text-warn', muted: 'opacity-80' }

function Explanation({ tone, title, children }: { tone: keyof typeof tones; title: string; children?: ReactNode }) {
  return (
    <div className="mt-1.5 max-w-[46ch] min-w-full rounded-lg bg-surface px-2.5 py-2 text-xs leading-snug text-text">
      <p className={`font-semibold ${tones[tone]}`} dir="auto">
        {title}
      </p>
      <div className="max-w-[60ch] space-y-0.5" dir="auto">
        {children}
      </div>
    </div>
  )
}

function Actions({ children }: { children: ReactNode }) {
  return <div className="mt-1.5 flex flex-wrap gap-1.5">{children}</div>
}

function Action({ onClick, busy, children }: { onClick(): void; busy?: boolean; children: ReactNode }) {
  return (
    <button
      type="button"
      onClick={onClick}
      disabled={busy}
      className="min-h-7 rounded-md border border-border bg-surface px-2.5 font-medium text-text hover:bg-surface-2 disabled:opacity-50"
    >
      {children}
    </button>
  )
}

/** Runs one thing at a time and keeps what went wrong. */
function useAction() {
  const { t } = useTranslation('thread')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const run = (act: () => Promise<void>) => {
    setBusy(true)
    setProblem(null)
    act()
      .catch((cause: unknown) => setProblem(problemOf(cause).detail || t('action.went_wrong')))
      .finally(() => setBusy(false))
  }
  return { run, busy, problem }
}
