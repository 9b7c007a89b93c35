import type { Virtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react'
import type { ThreadMessage } from '../../lib/inbox'
import { isNotice, keyOf, type Row } from './days'

const kLoadOlderAt = 1200
const kEndSlack = 80
const kPinned = 4
const kGlideMs = 600

function fromEnd(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight
}

export function gentle(): 'smooth' | 'auto' {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'
}

interface Seen {
  atEnd: boolean
  seenId: number
  newestIncomingInView: boolean
  topDay: Date | null
  olderFailed: boolean
}

/** What of the thread is on screen. Loads older messages when the reader comes near the top. */
export function useListView(list: {
  scroller: RefObject<HTMLDivElement | null>
  virtualizer: Virtualizer<HTMLDivElement, Element>
  rows: Row[]
  messages: ThreadMessage[]
  hasOlder: boolean
  isLoadingOlder: boolean
  loadOlder(): Promise<void>
}): Seen & { fresh: number } {
  const [atEnd, setAtEnd] = useState(true)
  const [seenId, setSeenId] = useState(0)
  const [newestIncomingInView, setInView] = useState(false)
  const [topDay, setTopDay] = useState<Date | null>(null)
  const [stuckAt, setStuckAt] = useState<number | null>(null)
  const latest = useRef(list)
  latest.current = list
  const { scroller, virtualizer, messages } = list

  const look = useCallback(() => {
    const { rows, hasOlder, isLoadingOlder, loadOlder, messages: all } = latest.current
    const element = scroller.current
    if (!element) return
    const top = element.scrollTop
    const bottom = top + element.clientHeight
    setAtEnd(fromEnd(element) <= kEndSlack || performance.now() < glidingUntil.current)

    const newest = newestIncoming(all)
    let inView = false
    let seen = 0
    let firstVisible: Row | undefined
    for (const item of latest.current.virtualizer.getVirtualItems()) {
      if (item.end <= top || item.start >= bottom) continue
      const row = rows[item.index]
      if (item.start + 40 > top) firstVisible ??= row
      if (row?.kind !== 'message' || item.start + Math.min(item.size, 32) > bottom) continue
      if (!row.message.local) seen = Math.max(seen, row.message.id)
      if (row.message === newest) inView = true
    }
    setInView(inView)
    if (document.visibilityState === 'visible') setSeenId((before) => Math.max(before, seen))
    setTopDay((before) => {
      if (firstVisible?.kind !== 'message') return null
      const at = new Date(firstVisible.message.created_at)
      return before?.toDateString() === at.toDateString() ? before : at
    })

    const oldest = all[0]?.id ?? 0
    if (top < kLoadOlderAt && hasOlder && !isLoadingOlder && stuck.current !== oldest) {
      stuck.current = oldest
      void loadOlder().finally(() => setStuckAt(oldest))
    }
  }, [scroller])
  const stuck = useRef<number | null>(null)
  const glidingUntil = useRef(0)
  const pinned = useRef(true)

  // At the end one stays there: what comes in glides into sight, as soon as it has been measured.
  const newest = messages.at(-1)
  const newestKey = newest && keyOf(newest)
  const followed = useRef(newestKey)
  const total = virtualizer.getTotalSize()
  useEffect(() => {
    const isNew = newestKey !== followed.current
    followed.current = newestKey
    if (!(pinned.current || (isNew && atEnd))) return
    if (scroller.current && fromEnd(scroller.current) <= kPinned) return
    glidingUntil.current = performance.now() + kGlideMs
    const frame = requestAnimationFrame(() => virtualizer.scrollToEnd({ behavior: gentle() }))
    const settled = setTimeout(look, kGlideMs + 50)
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(settled)
    }
  }, [newestKey, total, atEnd, virtualizer, look, scroller])

  useEffect(() => {
    const element = scroller.current
    if (!element) return
    let frame = 0
    const soon = () => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(look)
    }
    // A composer that grows, or a keyboard, takes room from the bottom: the newest stays in sight.
    const resized = new ResizeObserver(() => {
      if (pinned.current) latest.current.virtualizer.scrollToEnd()
      soon()
    })
    let [top, height] = [element.scrollTop, element.scrollHeight]
    const scrolled = () => {
      // Gliding goes down. Whoever scrolls up meanwhile, by whatever means, is not pulled back.
      if (element.scrollTop < top - 1 && element.scrollHeight >= height) glidingUntil.current = 0
      top = element.scrollTop
      height = element.scrollHeight
      pinned.current = fromEnd(element) <= kPinned || performance.now() < glidingUntil.current
      soon()
    }
    resized.observe(element)
    element.addEventListener('scroll', scrolled, { passive: true })
    document.addEventListener('visibilitychange', soon)
    return () => {
      cancelAnimationFrame(frame)
      resized.disconnect()
      element.removeEventListener('scroll', scrolled)
      document.removeEventListener('visibilitychange', soon)
    }
  }, [scroller, look])

  useEffect(() => {
    const frame = requestAnimationFrame(look)
    return () => cancelAnimationFrame(frame)
  }, [look, messages, total, list.isLoadingOlder])

  const oldest = messages[0]?.id ?? 0
  const olderFailed = stuckAt === oldest && list.hasOlder && !list.isLoadingOlder
  return { atEnd, seenId, newestIncomingInView, topDay, olderFailed, fresh: atEnd ? 0 : countAfter(messages, seenId) }
}

export function newestIncoming(messages: ThreadMessage[]): ThreadMessage | null {
  return messages.findLast((message) => message.sender === 'customer' && !isNotice(message)) ?? null
}

/** How many messages of others came after the one with this id. */
export function countAfter(messages: ThreadMessage[], seenId: number): number {
  if (seenId === 0) return 0
  let count = 0
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index]
    if (!message || message.local) continue
    if (message.id <= seenId) break
    if (message.sender === 'customer') count += 1
  }
  return count
}
