import { createElement, type ElementType, type ReactNode } from 'react'

// Stands in for react-remove-scroll (see vite.config.ts): the page itself never scrolls, so there is nothing to lock,
// and that package adds <style> elements, which the content security policy forbids.
export function RemoveScroll({ as, children }: { as?: ElementType; children: ReactNode }) {
  return as ? createElement(as, null, children) : <>{children}</>
}
