import { useId, type ReactNode, type SelectHTMLAttributes } from 'react'
import { cx } from './cx'

interface Common {
  label: string
  problem?: string | null | undefined
  help?: ReactNode
  /** Lets what else is on the page find the field. */
  id?: string
}

export interface FieldProps extends Common {
  value: string
  onChange(value: string): void
  most?: number
  placeholder?: string
  lines?: number
  type?: 'text' | 'password' | 'tel' | 'email' | 'search'
  /** Written from left to right in every language: ids, keys, addresses. */
  technical?: boolean
  autoFocus?: boolean
  required?: boolean
  disabled?: boolean
}

const kBox = 'w-full min-w-0 rounded-lg border bg-surface px-3 text-base text-text placeholder:text-muted sm:text-sm'

/** A labelled text field that says what is wrong with it. */
export function TextField({ label, value, onChange, most, placeholder, lines = 1, type = 'text', technical = false, problem, help, id, ...rest }: FieldProps) {
  const made = useId()
  const box = {
    ...rest,
    id: id ?? made,
    value,
    placeholder,
    maxLength: most,
    // An empty field has its placeholder in the page's direction.
    dir: technical ? 'ltr' : value === '' ? undefined : 'auto',
    autoComplete: type === 'password' ? 'new-password' : 'off',
    'aria-invalid': Boolean(problem),
    'aria-describedby': `${id ?? made}-note`,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  } as const
  const look = cx(kBox, problem ? 'border-danger' : 'border-border-strong', technical && 'text-start rtl:text-end')
  return (
    <Labelled id={id ?? made} label={label} problem={problem} help={help}>
      {lines > 1 ? (
        <textarea {...box} rows={lines} className={cx(look, 'resize-y py-2')} />
      ) : (
        <input {...box} type={type} spellCheck={!technical} className={cx(look, 'h-10')} />
      )}
    </Labelled>
  )
}

export interface SelectFieldProps extends Common, Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange' | 'id' | 'value'> {
  value: string
  onChange(value: string): void
  options: { value: string; label: string; disabled?: boolean }[]
}

export function SelectField({ label, value, onChange, options, problem, help, id, ...rest }: SelectFieldProps) {
  const made = useId()
  return (
    <Labelled id={id ?? made} label={label} problem={problem} help={help}>
      <select
        {...rest}
        id={id ?? made}
        value={value}
        aria-invalid={Boolean(problem)}
        aria-describedby={`${id ?? made}-note`}
        onChange={(event) => onChange(event.target.value)}
        className={cx(kBox, 'h-10', problem ? 'border-danger' : 'border-border-strong')}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

function Labelled({ id, label, problem, help, children }: Common & { id: string; children: ReactNode }) {
  return (
    <div className="min-w-0 flex-1">
      <label htmlFor={id} className="mb-1 block text-[0.8125rem] font-medium">
        <bdi>{label}</bdi>
      </label>
      {children}
      <p id={`${id}-note`} role={problem ? 'alert' : undefined} className={cx('mt-1 text-xs wrap-anywhere empty:hidden', problem ? 'text-danger' : 'text-muted')}>
        {problem || help || ''}
      </p>
    </div>
  )
}
