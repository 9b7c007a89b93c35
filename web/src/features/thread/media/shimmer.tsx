import { cx } from '../../../ui/cx'

/** Something will be here. */
export function Shimmer({ label, className }: { label?: string; className?: string }) {
  return (
    <span className={cx('absolute inset-0 grid place-items-center overflow-hidden', className)}>
      <span aria-hidden className="absolute inset-0 animate-pulse bg-current/8 motion-reduce:animate-none" />
      {label && <span className="relative px-3 text-center text-xs opacity-80">{label}</span>}
    </span>
  )
}
