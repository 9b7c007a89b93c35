import { useEffect, useRef, useState } from 'react'
import type { Conversation } from '../../lib/inbox'

const kRestMs = 1_500

/** Whether the pointer is at work over an element; it is not any more when it left or has rested for a while. */
export function usePointerAtWork(): { isAtWork: boolean; handlers: { onPointerMove(): void; onPointerLeave(): void } } {
  const [isAtWork, setAtWork] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  return {
    isAtWork,
    handlers: {
      onPointerMove() {
        clearTimeout(timer.current)
        timer.current = setTimeout(() => setAtWork(false), kRestMs)
        setAtWork(true)
      },
      onPointerLeave() {
        clearTimeout(timer.current)
        setAtWork(false)
      },
    },
  }
}

/** The list as it is, but while `isHeld` nothing changes its place, so that no click lands on another row. What is
 *  said in the rows stays current; new ones wait. `view` names what is listed: another view starts afresh. */
export function useSteadyOrder(conversations: Conversation[], isHeld: boolean, view: string): Conversation[] {
  const held = useRef<{ view: string; order: number[] }>({ view, order: [] })
  const steady = isHeld && held.current.view === view ? keepOrder(conversations, held.current.order) : conversations
  useEffect(() => {
    held.current = { view, order: steady.map(({ id }) => id) }
  })
  return steady
}

export function keepOrder(conversations: Conversation[], order: readonly number[]): Conversation[] {
  if (order.length === 0) return conversations
  const byId = new Map(conversations.map((one) => [one.id, one]))
  const kept = order.flatMap((id) => byId.get(id) ?? [])
  // Those behind all known ones are a page that was loaded meanwhile; they move nothing.
  const known = new Set(order)
  const end = conversations.findLastIndex(({ id }) => known.has(id))
  return [...kept, ...conversations.slice(end + 1)]
}
