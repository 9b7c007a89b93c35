import { CloudOff, LoaderCircle } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { formatLocale } from '../../app/i18n'
import { clockTime } from '../../lib/format'
import { useConnectionState, type ConnectionState } from '../../lib/inbox'
import { useStore } from '../../lib/store'
import { workspace } from '../../lib/workspace'
import { cx } from '../../ui/cx'

const kPatienceMs = 1_500

/** Tells the truth about how current the screen is; silent while all is well, and about breaks too short to matter. */
export function ConnectionBanner() {
  const { t, i18n } = useTranslation()
  const { live, outbox } = workspace()
  const state = useSettled(useConnectionState())
  const unsent = useStore(outbox.entries).filter(({ state }) => state !== 'refused').length
  const since = useStore(live.upToDateAt)

  let banner: ReactNode = null
  if (state === 'offline') {
    const text = since ? t('connection.offline_since', { time: clockTime(since, formatLocale(i18n.language)) }) : t('connection.offline')
    const waiting = unsent > 0 ? ` ${t('connection.unsent', { count: unsent })}` : ''
    banner = <Line look="bg-warn-soft text-warn" icon={<CloudOff className="size-4 shrink-0" aria-hidden />} text={text + waiting} />
  } else if (state !== 'live') {
    const text = t(state === 'connecting' ? 'connection.connecting' : 'connection.catching_up')
    banner = <Line look="bg-surface-3 text-muted" icon={<LoaderCircle className="size-4 shrink-0 animate-spin" aria-hidden />} text={text} />
  }
  return <div role="status">{banner}</div>
}

function Line({ look, icon, text }: { look: string; icon: ReactNode; text: string }) {
  return (
    <p className={cx('mx-3 mb-2 flex items-center gap-2 rounded-lg px-3 py-2 text-[0.8125rem]', look)}>
      {icon}
      {text}
    </p>
  )
}

/** The state, but a worse one only after it has lasted. */
function useSettled(state: ConnectionState): ConnectionState {
  const [settled, setSettled] = useState<ConnectionState>('live')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(state), state === 'live' ? 0 : kPatienceMs)
    return () => clearTimeout(timer)
  }, [state])
  return settled
}
