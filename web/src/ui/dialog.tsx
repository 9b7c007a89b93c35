import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from './cx'

export interface DialogProps {
  open: boolean
  onOpenChange(open: boolean): void
  title: string
  description?: string
  children?: ReactNode
  /** Buttons, the main one last. */
  footer?: ReactNode
  wide?: boolean
}

export function Dialog({ open, onOpenChange, title, description, children, footer, wide = false }: DialogProps) {
  const { t } = useTranslation()
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 grid place-items-center overflow-y-auto bg-black/45 p-4">
          <Radix.Content
            className={cx(
              'relative flex max-h-full w-full flex-col rounded-2xl bg-surface shadow-pop outline-none',
              wide ? 'max-w-2xl' : 'max-w-md',
            )}
            {...(description ? {} : { 'aria-describedby': undefined })}
          >
            <div className="ps-6 pe-14 pt-5">
              <Radix.Title className="text-base leading-6 font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
            </div>
            {children && <div className="min-h-0 overflow-y-auto px-6 pt-4 pb-1">{children}</div>}
            <div className={cx('flex flex-wrap justify-end gap-2 px-6', footer ? 'pt-4 pb-6' : 'pb-5')}>{footer}</div>
            {/* Last, so that opening focuses what the dialog is for. */}
            <Radix.Close
              aria-label={t('close')}
              className="absolute end-3 top-3.5 grid size-9 place-items-center rounded-lg text-muted hover:bg-surface-3 hover:text-text"
            >
              <X className="size-5" aria-hidden />
            </Radix.Close>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  )
}
