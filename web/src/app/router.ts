import { createStore, useStore } from '../lib/store'

/** `/` is the list, `/c/<id>` an open conversation; anything else is taken as `/`. */
const path = createStore(location.pathname)
window.addEventListener('popstate', () => path.set(location.pathname))

export function openConversationId(pathname: string): number | null {
  const id = Number(/^\/c\/([1-9]\d{0,15})\/?$/.exec(pathname)?.[1])
  return Number.isSafeInteger(id) ? id : null
}

export function useOpenConversation(): number | null {
  return openConversationId(useStore(path))
}

export function currentConversation(): number | null {
  return openConversationId(path.get())
}

export function openConversation(id: number | null): void {
  const next = id === null ? '/' : `/c/${id}`
  if (next === path.get()) return
  history.pushState(null, '', next)
  path.set(next)
}
