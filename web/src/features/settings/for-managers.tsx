import { useQuery } from '@tanstack/react-query'
import { ShieldAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { mayManage, meQuery, useMe, type Me } from '../../lib/account'
import { Waiting } from './parts'

/** What owners and admins may see; agents are told so in `words`. */
export function ForManagers({ words, children }: { words: string; children(me: Me): ReactNode }) {
  const me = useMe()
  const { error, refetch } = useQuery(meQuery())
  if (!me) return <Waiting error={error} onRetry={() => void refetch()} />
  if (mayManage(me.role)) return children(me)
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-3 py-16 text-center">
      <span className="grid size-14 place-items-center rounded-full bg-surface-3 text-muted">
        <ShieldAlert aria-hidden className="size-7" />
      </span>
      <p>{words}</p>
    </div>
  )
}
