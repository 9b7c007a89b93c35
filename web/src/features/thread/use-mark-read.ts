import { useEffect, useRef, useState } from 'react'
import { markRead } from '../../lib/inbox'

const kDebounce = 700

/** Whether somebody really looks at this page. */
export function useAttention(): boolean {
  const [attentive, setAttentive] = useState(isAttentive)
  useEffect(() => {
    const update = () => setAttentive(isAttentive())
    window.addEventListener('focus', update)
    window.addEventListener('blur', update)
    document.addEventListener('visibilitychange', update)
    return () => {
      window.removeEventListener('focus', update)
      window.removeEventListener('blur', update)
      document.removeEventListener('visibilitychange', update)
    }
  }, [])
  return attentive
}

function isAttentive(): boolean {
  return document.visibilityState === 'visible' && document.hasFocus()
}

/** Marks the conversation as read once its newest incoming message has been in view, of an attentive reader, for a
 *  moment; again whenever newer ones arrive. */
export function useMarkRead(seen: {
  conversationId: number
  unread: number
  newestIncoming: number | null
  inView: boolean
  attentive: boolean
}): void {
  const { conversationId, unread, newestIncoming, inView, attentive } = seen
  const asked = useRef<string | null>(null)
  useEffect(() => {
    if (!attentive || !inView || unread === 0 || newestIncoming === null) return
    const what = `${newestIncoming}:${unread}`
    if (asked.current === what) return
    const timer = setTimeout(() => {
      asked.current = what
      markRead(conversationId).catch(() => {
        asked.current = null
      })
    }, kDebounce)
    return () => clearTimeout(timer)
  }, [conversationId, unread, newestIncoming, inView, attentive])
}
