import { LoaderCircle } from 'lucide-react'
import { cx } from './cx'

export function Spinner({ label, className }: { label?: string; className?: string }) {
  return (
    <span role={label ? 'status' : undefined} className={cx('inline-flex text-muted', className)}>
      <LoaderCircle className="size-5 animate-spin" aria-hidden />
      {label && <span className="sr-only">{label}</span>}
    </span>
  )
}
