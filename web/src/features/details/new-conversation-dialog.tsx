import { Info } from 'lucide-react'
import { useId, useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { chosenNumber } from '../../app/preferences'
import { formatPhone } from '../../lib/format'
import { problemOf, startConversation, usePhoneNumbers, type PhoneNumber, type Problem } from '../../lib/inbox'
import { useStore } from '../../lib/store'
import { Button, Dialog, cx } from '../../ui'
import { kLongestMessage, lengthOf } from '../composer/limit'
import { TemplatePicker } from '../templates'
import { readPhone } from './phone-input'

interface Props {
  open: boolean
  /** The number that is written to, when it is known. */
  to?: string
  onOpenChange(open: boolean): void
  onStarted(conversationId: number): void
}

type Field = 'from' | 'to' | 'message'
const fieldOf: Record<string, Field> = { phone_number_id: 'from', to: 'to', message: 'message' }

export function NewConversationDialog(props: Props) {
  // What was typed is gone when the dialog is closed, not before.
  return props.open ? <OpenDialog {...props} /> : null
}

function OpenDialog({ open, to: known = '', onOpenChange, onStarted }: Props) {
  const { t } = useTranslation('thread')
  const numbers = usePhoneNumbers()
  const [chosen, setChosen] = useState('')
  const [to, setTo] = useState(known)
  const [message, setMessage] = useState('')
  const [problems, setProblems] = useState<Partial<Record<Field | 'form', string>>>({})
  const [busy, setBusy] = useState(false)
  const [isPicking, setPicking] = useState(false)
  const formId = useId()
  const listed = useStore(chosenNumber)
  const usual = numbers.find(({ phone_number_id }) => phone_number_id === listed) ?? numbers[0]
  const from = chosen || usual?.phone_number_id || ''
  const read = readPhone(to)

  function check(): typeof problems {
    const length = lengthOf(message)
    return {
      ...(from === '' ? { from: t('start.no_numbers') } : {}),
      ...('problem' in read ? { to: t(`start.phone_${read.problem}`) } : {}),
      ...(message.trim() === '' ? { message: t('start.message_empty') } : {}),
      ...(length > kLongestMessage ? { message: t('composer.too_long', { count: length - kLongestMessage }) } : {}),
    }
  }

  /** A template needs no message, but somebody to go to. */
  function pickTemplate() {
    const { message: _, ...found } = check()
    setProblems(found)
    const first = (['from', 'to'] as const).find((field) => found[field])
    if (first) document.getElementById(`${formId}-${first}`)?.focus()
    else setPicking(true)
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    const found = check()
    setProblems(found)
    const first = (['from', 'to', 'message'] as const).find((field) => found[field])
    if (first) return void document.getElementById(`${formId}-${first}`)?.focus()
    if (!('digits' in read)) return
    setBusy(true)
    try {
      const { conversationId } = await startConversation(from, read.digits, message.trim())
      onStarted(conversationId)
      onOpenChange(false)
    } catch (cause) {
      setProblems(shown(problemOf(cause)))
    } finally {
      setBusy(false)
    }
  }

  function shown(problem: Problem): typeof problems {
    const words = problem.status === 0 ? t('error.unreachable') : problem.code === 'window_closed' ? t('advice.window') : problem.detail
    const field = fieldOf[String(problem.member ?? '')]
    return { [problem.code === 'window_closed' ? 'message' : (field ?? 'form')]: words || t('action.went_wrong') }
  }

  if (isPicking && 'digits' in read) {
    return (
      <TemplatePicker
        phoneNumberId={from}
        to={read.digits}
        onSent={(conversationId) => {
          onStarted(conversationId)
          onOpenChange(false)
        }}
        onClose={() => setPicking(false)}
      />
    )
  }
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!busy) onOpenChange(next)
      }}
      title={t('start.title')}
      description={t('start.description')}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)} disabled={busy}>
            {t('action.cancel')}
          </Button>
          <Button look="primary" type="submit" form={formId} disabled={busy}>
            {busy ? t('start.sending') : t('start.send')}
          </Button>
        </>
      }
    >
      <form id={formId} noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        <Labelled id={`${formId}-from`} label={t('start.from')} problem={problems.from}>
          {(box) => <NumberChoice box={box} numbers={numbers} value={from} onChange={setChosen} />}
        </Labelled>
        <Labelled
          id={`${formId}-to`}
          label={t('start.to')}
          problem={problems.to}
          help={'digits' in read ? t('start.to_shown', { phone: formatPhone(read.digits) }) : t('start.to_help')}
        >
          {(box) => (
            <input
              {...box}
              type="tel"
              dir="ltr"
              inputMode="tel"
              autoComplete="off"
              autoFocus
              value={to}
              placeholder="+1 650 555 1234"
              onChange={(event) => setTo(event.target.value)}
              className={cx(box.className, 'h-11 text-start rtl:text-end')}
            />
          )}
        </Labelled>
        <Labelled id={`${formId}-message`} label={t('start.message')} problem={problems.message}>
          {(box) => (
            <textarea
              {...box}
              dir="auto"
              rows={4}
              value={message}
              onChange={(event) => setMessage(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit()
              }}
              className={cx(box.className, 'resize-y py-2')}
            />
          )}
        </Labelled>
        <p className="flex gap-2.5 rounded-xl bg-surface-3 p-3 text-[0.8125rem] text-muted">
          <Info aria-hidden className="mt-px size-4 shrink-0" />
          <span>
            {t('start.template_note')}
            <button
              type="button"
              disabled={busy}
              onClick={pickTemplate}
              className="mt-1 flex min-h-6 items-center font-medium text-accent underline underline-offset-2"
            >
              {t('common:use_template')}
            </button>
          </span>
        </p>
        {problems.form && (
          <p role="alert" className="rounded-xl bg-danger-soft p-3 text-danger">
            {problems.form}
          </p>
        )}
      </form>
    </Dialog>
  )
}

interface Box {
  id: string
  className: string
  'aria-invalid': boolean
  'aria-describedby': string
}

function Labelled(field: { id: string; label: string; problem?: string | undefined; help?: string; children(box: Box): ReactNode }) {
  const { id, label, problem, help } = field
  const box: Box = {
    id,
    'aria-invalid': problem !== undefined,
    'aria-describedby': `${id}-note`,
    className: cx(
      'w-full rounded-lg border bg-surface px-3 text-base text-text placeholder:text-muted sm:text-sm',
      problem ? 'border-danger' : 'border-border-strong',
    ),
  }
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-medium">
        {label}
      </label>
      {field.children(box)}
      <p id={`${id}-note`} role={problem ? 'alert' : undefined} className={cx('mt-1 text-xs empty:hidden', problem ? 'text-danger' : 'text-muted')}>
        {problem ?? help ?? ''}
      </p>
    </div>
  )
}

/** Keeps a number in its order between words written from right to left. */
const isolated = (text: string) => `\u2066${text}\u2069`

function NumberChoice({
  box,
  numbers,
  value,
  onChange,
}: {
  box: Box
  numbers: PhoneNumber[]
  value: string
  onChange(value: string): void
}) {
  return (
    <select {...box} value={value} onChange={(event) => onChange(event.target.value)} className={cx(box.className, 'h-11')}>
      {numbers.map((number) => (
        <option key={number.phone_number_id} value={number.phone_number_id}>
          {[number.verified_name, isolated(formatPhone(number.display_phone_number) || number.phone_number_id)].filter(Boolean).join(' · ')}
        </option>
      ))}
    </select>
  )
}
