import { useEffect, useState, type RefObject } from 'react'

const kMargin = '600px 0px'

/** Whether the element is on screen, or nearly so; once it was, it stays true. */
export function useInView(element: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(() => typeof IntersectionObserver === 'undefined')
  useEffect(() => {
    if (seen || !element.current) return
    // The margin counts only around what scrolls: seen from the page, what is scrolled away is cut off.
    const root = element.current.closest('[role=region]')
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { root, rootMargin: kMargin })
    watch.observe(element.current)
    return () => watch.disconnect()
  }, [seen, element])
  return seen
}
