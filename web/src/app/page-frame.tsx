import { ArrowLeft } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from '../ui/cx'
import { IconButton } from '../ui/button'
import { closePage, openPath } from './router'

interface Props {
  title: string
  /** Where "back" leads; absent: to the inbox. */
  parent?: string
  tabs?: { path: string; label: string; current: boolean }[]
  wide?: boolean
  children: ReactNode
}

/** What all pages beside the inbox have: a way back, a title, tabs. */
export function PageFrame({ title, parent, tabs, wide = false, children }: Props) {
  const { t } = useTranslation()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [title])
  const width = wide ? 'max-w-5xl' : 'max-w-3xl'
  return (
    <main className="absolute inset-0 z-20 overflow-y-auto bg-bg">
      <header className="sticky top-0 z-10 border-b border-border bg-surface">
        <div className={cx('mx-auto flex h-14 items-center gap-1 px-2 sm:px-4', width)}>
          <IconButton label={t(parent ? 'back' : 'back_to_inbox')} onClick={() => (parent ? openPath(parent) : closePage())}>
            <ArrowLeft aria-hidden className="size-5 rtl:-scale-x-100" />
          </IconButton>
          <h1 ref={heading} tabIndex={-1} className="min-w-0 truncate text-base font-semibold outline-none">
            <bdi>{title}</bdi>
          </h1>
        </div>
        {tabs && (
          <nav aria-label={title} className={cx('mx-auto flex gap-1 overflow-x-auto px-3 sm:px-5', width)}>
            {tabs.map(({ path, label, current }) => (
              <PageLink
                key={path}
                to={path}
                aria-current={current ? 'page' : undefined}
                className={cx('border-b-2 px-2.5 pt-1 pb-2.5 font-medium whitespace-nowrap -outline-offset-2', current ? 'border-accent text-accent' : 'border-transparent text-muted hover:text-text')}
              >
                {label}
              </PageLink>
            ))}
          </nav>
        )}
      </header>
      <div className={cx('mx-auto px-3 py-5 pb-16 sm:px-6 sm:py-7', width)}>{children}</div>
    </main>
  )
}

interface LinkProps {
  to: string
  className?: string
  children: ReactNode
  'aria-current'?: 'page' | undefined
}

/** A link within the page. */
export function PageLink({ to, children, ...rest }: LinkProps) {
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        openPath(to)
      }}
    >
      {children}
    </a>
  )
}
