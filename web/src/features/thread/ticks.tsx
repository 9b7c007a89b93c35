import { AlertCircle, Check, CheckCheck, CircleHelp, Clock3, CloudOff, Mic } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useRef, type ReactNode, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import { useLocale } from './use-locale'
import { format } from './days'
import { EditedMark } from './history'

export type Tick =
  | 'sending'
  | 'waiting'
  | 'refused'
  | 'queued'
  | 'not_sent'
  | 'unknown'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'played'
  | 'failed'

/** What the mark of an agent's message says; null for a customer's. */
export function tickOf(message: ThreadMessage): Tick | null {
  if (message.sender === 'customer' || message.status === 'received') return null
  return message.local ? message.local.state : message.status
}

export function TickIcon({ tick }: { tick: Tick }) {
  const shape = 'size-4 shrink-0 opacity-60'
  const read = 'size-4 shrink-0 stroke-[2.5] text-accent'
  switch (tick) {
    case 'sending':
    case 'waiting':
    case 'queued':
      return <Clock3 aria-hidden className="size-3 shrink-0" />
    case 'not_sent':
      return <CloudOff aria-hidden className="size-3.5 shrink-0" />
    case 'sent':
      return <Check aria-hidden className={shape} />
    case 'delivered':
      return <CheckCheck aria-hidden className={shape} />
    case 'read':
      return <CheckCheck aria-hidden className={read} />
    case 'played':
      return (
        <span className="flex items-center text-accent">
          <Mic aria-hidden className="size-3" />
          <CheckCheck aria-hidden className={read} />
        </span>
      )
    case 'unknown':
      return <CircleHelp aria-hidden className="size-3.5 shrink-0 text-warn" />
    case 'failed':
    case 'refused':
      return <AlertCircle aria-hidden className="size-3.5 shrink-0 text-danger" />
  }
}

/** Time and mark at the end of a bubble; asked, it tells when each state was reached. */
export function Meta({ message, asked, onAsked }: { message: ThreadMessage; asked: boolean; onAsked(asked: boolean): void }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const tick = tickOf(message)
  const time = format(locale, 'time').format(new Date(message.created_at))
  const marks = (
    <>
      <time dateTime={message.created_at} className="opacity-75">
        {time}
      </time>
      {tick && <TickIcon tick={tick} />}
    </>
  )
  const shape = 'flex items-center gap-1'
  return (
    <span className={`${shape} float-end ms-2.5 mt-1.5 -mb-0.5 text-[0.6875rem] leading-4 whitespace-nowrap not-italic select-none`}>
      {message.edited_at && !message.revoked_at && <EditedMark message={message} />}
      {!tick || message.local ? (
        <span className={shape}>
          {marks}
          {tick && <span className="sr-only">{t(`status.${tick}`)}</span>}
        </span>
      ) : (
        <Asked shape={shape} message={message} tick={tick} marks={marks} open={asked} setOpen={onAsked} />
      )}
    </span>
  )
}

/** Many of these are on screen, so the popover is made only when it is asked for. */
function Asked(props: { shape: string; message: ThreadMessage; tick: Tick; marks: ReactNode; open: boolean; setOpen(open: boolean): void }) {
  const { shape, message, tick, marks, open, setOpen } = props
  const { t } = useTranslation('thread')
  const button = useRef<HTMLButtonElement>(null)
  const isButton = (target: EventTarget | null) => target instanceof Node && button.current?.contains(target) === true
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className={`${shape} relative rounded-sm before:absolute before:-inset-1`}
      >
        {marks}
        <span className="sr-only">{t('status_details', { status: t(`status.${tick}`) })}</span>
      </button>
      {open && (
        <Popover.Root open onOpenChange={setOpen}>
          <Popover.Anchor virtualRef={button as RefObject<HTMLButtonElement>} />
          <Popover.Portal>
            <Popover.Content
              side="top"
              align="end"
              sideOffset={6}
              collisionPadding={8}
              aria-label={t(`status.${tick}`)}
              className="z-50 w-68 rounded-xl border border-border bg-surface p-3 text-sm text-text shadow-pop outline-none"
              onInteractOutside={(event) => {
                if (isButton(event.target)) event.preventDefault()
              }}
              onCloseAutoFocus={(event) => {
                event.preventDefault()
                button.current?.focus()
              }}
            >
              <p className="mb-2 font-semibold">{t(`status.${tick}`)}</p>
              <StatusTimes message={message} />
              <p className="mt-2 text-xs text-muted">{t(`status_help.${tick}`)}</p>
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      )}
    </>
  )
}

const kSteps = ['queued', 'sent', 'delivered', 'read', 'played', 'failed'] as const

function StatusTimes({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const reached = kSteps.flatMap((step) => {
    const at = message.status_times[`${step}_at`]
    return at ? [{ step, at }] : []
  })
  return (
    <dl className="space-y-1">
      {reached.map(({ step, at }) => (
        <div key={step} className="flex items-baseline justify-between gap-3">
          <dt className="text-muted">{t(`step.${step}`)}</dt>
          <dd className="whitespace-nowrap tabular-nums">
            <time dateTime={at}>{format(locale, 'moment').format(new Date(at))}</time>
          </dd>
        </div>
      ))}
    </dl>
  )
}
