import { Check, ChevronRight } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ComponentProps, ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from './cx'

const item =
  'relative flex min-h-9 w-full items-center gap-2.5 rounded-md px-2.5 py-1.5 text-start outline-none select-none ' +
  'data-[highlighted]:bg-surface-3 data-[disabled]:pointer-events-none data-[disabled]:opacity-50'

export function Menu(props: ComponentProps<typeof Radix.Root>) {
  const { i18n } = useTranslation()
  return <Radix.Root modal={false} dir={i18n.dir()} {...props} />
}
export const MenuTrigger = Radix.Trigger
export const MenuGroup = Radix.Group
export const MenuRadioGroup = Radix.RadioGroup

export function MenuContent({ className, ...rest }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        align="end"
        sideOffset={6}
        collisionPadding={8}
        className={cx(
          'z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-52 overflow-y-auto rounded-xl border',
          'border-border bg-surface p-1 shadow-pop',
          className,
        )}
        {...rest}
      />
    </Radix.Portal>
  )
}

export function MenuItem({ className, danger, ...rest }: ComponentProps<typeof Radix.Item> & { danger?: boolean }) {
  return <Radix.Item className={cx(item, danger && 'text-danger', className)} {...rest} />
}

export function MenuRadioItem({ children, ...rest }: ComponentProps<typeof Radix.RadioItem>) {
  return (
    <Radix.RadioItem className={cx(item, 'pe-9')} {...rest}>
      {children}
      <Radix.ItemIndicator className="absolute end-2.5">
        <Check className="size-4 text-accent" aria-hidden />
      </Radix.ItemIndicator>
    </Radix.RadioItem>
  )
}

export function MenuCheckboxItem({ children, ...rest }: ComponentProps<typeof Radix.CheckboxItem>) {
  return (
    <Radix.CheckboxItem className={cx(item, 'pe-9')} {...rest}>
      {children}
      <Radix.ItemIndicator className="absolute end-2.5">
        <Check className="size-4 text-accent" aria-hidden />
      </Radix.ItemIndicator>
    </Radix.CheckboxItem>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">{children}</Radix.Label>
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-border" />
}

const hasRoomBeside = () => window.matchMedia('(min-width: 40rem)').matches

/** An item that opens a further menu and says what is chosen there. On phones that menu lies over this one. */
export function MenuSub({ icon, label, value, children }: { icon: ReactNode; label: string; value: string; children: ReactNode }) {
  return (
    <Radix.Sub>
      <Radix.SubTrigger className={cx(item, 'data-[state=open]:bg-surface-3')}>
        {icon}
        <span className="flex-1">{label}</span>
        <span className="max-w-28 truncate text-[0.8125rem] text-muted">{value}</span>
        <ChevronRight className="-me-1 size-4 text-muted rtl:-scale-x-100" aria-hidden />
      </Radix.SubTrigger>
      <Radix.Portal>
        <Radix.SubContent
          sideOffset={hasRoomBeside() ? 6 : -120}
          collisionPadding={8}
          className="z-50 min-w-40 rounded-xl border border-border bg-surface p-1 shadow-pop"
        >
          {children}
        </Radix.SubContent>
      </Radix.Portal>
    </Radix.Sub>
  )
}
