import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import { newestIncoming } from './useListView'

/** Reads messages out as they arrive, once each. The list itself is silent: it changes whenever somebody scrolls. */
export function Announcer({ messages, customerName }: { messages: ThreadMessage[]; customerName: string }) {
  const { t } = useTranslation('thread')
  const newest = newestIncoming(messages)
  const announced = useRef(newest?.id ?? 0)
  const [lines, setLines] = useState<{ id: number; text: string }[]>([])
  useEffect(() => {
    if (!newest || newest.id <= announced.current) return
    announced.current = newest.id
    const line = { id: newest.id, text: t('announce', { who: customerName, text: newest.message.slice(0, 300) }) }
    setLines((before) => [...before.slice(-4), line])
  }, [newest, customerName, t])
  return (
    <div role="log" aria-live="polite" aria-label={t('arrivals')} className="sr-only">
      {lines.map((line) => (
        <p key={line.id}>{line.text}</p>
      ))}
    </div>
  )
}
