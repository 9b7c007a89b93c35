import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx'
import { Tooltip } from './tooltip'

const looks = {
  primary: 'bg-accent text-accent-text hover:bg-accent-hover',
  secondary: 'border border-border bg-surface text-text hover:bg-surface-3',
  ghost: 'text-text hover:bg-surface-3',
  danger: 'border border-border bg-surface text-danger hover:bg-danger-soft',
}

export interface ButtonProps extends ComponentProps<'button'> {
  look?: keyof typeof looks
  size?: 'small' | 'medium'
}

export function Button({ look = 'secondary', size = 'medium', className, type = 'button', ...rest }: ButtonProps) {
  const box = size === 'small' ? 'h-8 px-3 text-[0.8125rem]' : 'h-10 px-4'
  return (
    <button
      type={type}
      className={cx(
        'inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium transition-colors',
        'disabled:pointer-events-none disabled:opacity-50',
        box,
        looks[look],
        className,
      )}
      {...rest}
    />
  )
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  /** Names it for everybody: tooltip and accessible name. */
  label: string
  children: ReactNode
  /** Shown in the tooltip after the label. */
  shortcut?: string
}

export function IconButton({ label, shortcut, className, type = 'button', children, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={shortcut ? `${label} (${shortcut})` : label}>
      <button
        type={type}
        aria-label={label}
        className={cx(
          'inline-flex size-9 shrink-0 items-center justify-center rounded-lg text-muted transition-colors',
          'hover:bg-surface-3 hover:text-text disabled:pointer-events-none disabled:opacity-50',
          'aria-pressed:bg-surface-3 aria-pressed:text-text data-[state=open]:bg-surface-3 data-[state=open]:text-text',
          className,
        )}
        {...rest}
      >
        {children}
      </button>
    </Tooltip>
  )
}
