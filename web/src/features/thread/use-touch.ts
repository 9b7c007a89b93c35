import { useRef, type PointerEvent } from 'react'

const kLongMs = 450
const kStill = 10
const kSwipe = 64

/** Fingers on a bubble: a long press asks for its menu, a swipe towards the end of the line answers it. */
export function useTouch(onLongPress: () => void, onSwipe: (() => void) | null) {
  const touch = useRef<{ x: number; y: number; timer: ReturnType<typeof setTimeout>; swiping: boolean } | null>(null)
  const pressed = useRef(false)

  function move(element: HTMLElement, by: number) {
    element.style.transform = by === 0 ? '' : `translateX(${by}px)`
  }
  function end(event: PointerEvent<HTMLElement>, isDone: boolean) {
    const begun = touch.current
    if (!begun) return
    clearTimeout(begun.timer)
    touch.current = null
    move(event.currentTarget, 0)
    if (isDone && begun.swiping && towardsEnd(event, begun.x) >= kSwipe) onSwipe?.()
  }
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.pointerType !== 'touch' || !event.isPrimary) return
      // Sliders and films take their own gestures; dialogs of the bubble lie elsewhere on the page.
      const target = event.target as Element
      if (!event.currentTarget.contains(target) || target.closest('input, video')) return
      pressed.current = false
      const timer = setTimeout(() => {
        pressed.current = true
        onLongPress()
      }, kLongMs)
      touch.current = { x: event.clientX, y: event.clientY, timer, swiping: false }
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const begun = touch.current
      if (!begun) return
      const [across, down] = [event.clientX - begun.x, Math.abs(event.clientY - begun.y)]
      if (Math.abs(across) > kStill || down > kStill) clearTimeout(begun.timer)
      const along = towardsEnd(event, begun.x)
      if (!onSwipe || down > 2 * kStill || along < kStill) return move(event.currentTarget, 0)
      begun.swiping = true
      move(event.currentTarget, Math.sign(across) * Math.min(along - kStill, kSwipe))
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => end(event, true),
    onPointerCancel: (event: PointerEvent<HTMLElement>) => end(event, false),
    onTouchEnd(event: { preventDefault(): void }) {
      // What would follow, a click and the focus, would close the menu again.
      if (pressed.current) event.preventDefault()
    },
    onContextMenu(event: { preventDefault(): void }) {
      // The system's own menu for a long press would lie over ours.
      if (touch.current) event.preventDefault()
    },
  }
}

function towardsEnd(event: PointerEvent<HTMLElement>, from: number): number {
  const forward = getComputedStyle(event.currentTarget).direction === 'rtl' ? -1 : 1
  return (event.clientX - from) * forward
}
