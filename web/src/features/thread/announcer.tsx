import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import { excerptOf } from './excerpt'
import { typeLabel } from './message-content'
import { newestIncoming } from './use-list-view'

/** Reads messages out as they arrive, once each. The list itself is silent: it changes whenever somebody scrolls. */
export function Announcer({ messages, customerName }: { messages: ThreadMessage[]; customerName: string }) {
  const { t } = useTranslation('thread')
  const newest = newestIncoming(messages)
  const announced = useRef(newest?.id ?? 0)
  const [lines, setLines] = useState<{ id: number; text: string }[]>([])
  useEffect(() => {
    if (!newest || newest.id <= announced.current) return
    announced.current = newest.id
    const said = excerptOf(newest.message_type, newest.message) || typeLabel(newest, t)
    const line = { id: newest.id, text: t('announce', { who: customerName, text: said }) }
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
