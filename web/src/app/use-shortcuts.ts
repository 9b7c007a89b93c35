import { useEffect, useRef } from 'react'

/** Single keys for the whole page. They rest while somebody types (all but Escape), while a dialog or menu is open, and
 *  with a modifier. */
export function useShortcuts(actions: Record<string, () => void>): void {
  const current = useRef(actions)
  current.current = actions
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
      if (event.key !== 'Escape' && isTyping(event.target)) return
      if (document.querySelector('[role=dialog],[role=menu],[role=alertdialog]')) return
      const action = current.current[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (!action) return
      event.preventDefault()
      action()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
