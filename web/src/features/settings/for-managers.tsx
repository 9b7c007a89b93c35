import { ShieldAlert } from 'lucide-react'
import type { ReactNode } from 'react'

/** What agents see where they may not change anything. */
export function ForManagers({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-3 py-16 text-center">
      <span className="grid size-14 place-items-center rounded-full bg-surface-3 text-muted">
        <ShieldAlert aria-hidden className="size-7" />
      </span>
      <p>{children}</p>
    </div>
  )
}
