import type { Virtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ThreadMessage, useThread } from '../../lib/inbox'
import { keyOf, type Row } from './days'

const kMostPages = 40
const kFlashMs = 1600

/** Goes to a quoted message, loading older pages until it is there, and lights it up for a moment. */
export function useReveal({
  rows,
  virtualizer,
  byWhatsappId,
  thread,
}: {
  rows: Row[]
  virtualizer: Virtualizer<HTMLDivElement, Element>
  byWhatsappId: Map<string, ThreadMessage>
  thread: ReturnType<typeof useThread>
}) {
  const [wanted, setWanted] = useState<string | null>(null)
  const pages = useRef(0)
  const [flash, setFlash] = useState<string | null>(null)
  const [missing, setMissing] = useState<'looking' | 'missing' | null>(null)
  const { hasOlder, isLoadingOlder, loadOlder } = thread

  useEffect(() => {
    if (wanted === null || isLoadingOlder) return
    const message = byWhatsappId.get(wanted)
    if (message) {
      const key = keyOf(message)
      const index = rows.findIndex((row) => row.key === key)
      virtualizer.scrollToIndex(index, { align: 'center' })
      setFlash(key)
      setMissing(null)
      setWanted(null)
    } else if (hasOlder && pages.current < kMostPages) {
      setMissing('looking')
      pages.current += 1
      void loadOlder()
    } else {
      setMissing('missing')
      setWanted(null)
    }
    // loadOlder is new in every render; what it loads is awaited through isLoadingOlder.
  }, [wanted, byWhatsappId, rows, hasOlder, isLoadingOlder, virtualizer])

  useEffect(() => {
    if (flash === null && missing !== 'missing') return
    const timer = setTimeout(() => {
      setFlash(null)
      setMissing(null)
    }, flash === null ? 4000 : kFlashMs)
    return () => clearTimeout(timer)
  }, [flash, missing])

  const reveal = useCallback((id: string) => {
    pages.current = 0
    setWanted(id)
  }, [])
  return { flash, missing, reveal }
}
