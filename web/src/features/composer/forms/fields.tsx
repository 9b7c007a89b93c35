import { useId, type ReactNode } from 'react'
import { cx } from '../../../ui'

interface FieldProps {
  label: string
  value: string
  onChange(value: string): void
  /** The most characters WhatsApp takes. */
  most?: number
  problem?: string | undefined
  help?: string
  lines?: number
  type?: 'text' | 'tel' | 'url'
  autoFocus?: boolean
}

/** A labelled text field that says what is wrong with it. */
export function Field({ label, value, onChange, most, problem, help, lines = 1, type = 'text', autoFocus }: FieldProps) {
  const id = useId()
  const box = {
    id,
    value,
    autoFocus,
    maxLength: most,
    'aria-invalid': problem !== undefined,
    'aria-describedby': `${id}-note`,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
    className: cx(
      'w-full rounded-lg border bg-surface px-3 text-base text-text placeholder:text-muted sm:text-sm',
      problem ? 'border-danger' : 'border-border-strong',
      lines > 1 ? 'resize-y py-2' : 'h-10',
      type !== 'text' && 'text-start rtl:text-end',
    ),
  }
  return (
    <div className="min-w-0 flex-1">
      <label htmlFor={id} className="mb-1 block text-[0.8125rem] font-medium">
        {label}
      </label>
      {lines > 1 ? (
        <textarea {...box} dir="auto" rows={lines} />
      ) : (
        <input {...box} type={type === 'url' ? 'text' : type} inputMode={type} dir={type === 'text' ? 'auto' : 'ltr'} autoComplete="off" />
      )}
      <p id={`${id}-note`} role={problem ? 'alert' : undefined} className={cx('mt-1 text-xs empty:hidden', problem ? 'text-danger' : 'text-muted')}>
        {problem ?? help ?? ''}
      </p>
    </div>
  )
}

export function Group({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset className="rounded-xl border border-border p-3">
      <legend className="px-1 text-[0.8125rem] font-medium">{label}</legend>
      <div className="flex flex-col gap-2.5">{children}</div>
    </fieldset>
  )
}
