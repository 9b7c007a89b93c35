import { ExternalLink, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'

export function Card({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <div className="mb-1 flex min-w-56 items-start gap-3 rounded-lg bg-current/6 p-2.5">
      <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-current/8">
        <Icon aria-hidden className="size-5 opacity-80" />
      </span>
      <div className="min-w-0 flex-1 self-center text-sm leading-snug wrap-anywhere">{children}</div>
    </div>
  )
}

export const kDetail = 'text-xs opacity-75'
export const kLink =
  'mt-1 inline-flex min-h-6 items-center gap-1 text-xs font-medium text-accent underline decoration-current/40 underline-offset-2 hover:decoration-current'

export function Outside({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" className={kLink}>
      {children}
      <ExternalLink aria-hidden className="size-3 rtl:-scale-x-100" />
    </a>
  )
}

export function PlainCard({ icon, title, detail }: { icon: LucideIcon; title: string; detail: string }) {
  return (
    <Card icon={icon}>
      <p className="font-medium">{title}</p>
      {detail && (
        <p className={kDetail}>
          <bdi>{detail}</bdi>
        </p>
      )}
    </Card>
  )
}
