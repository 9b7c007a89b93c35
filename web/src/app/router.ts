import { createStore, useStore } from '../lib/store'

/** `/` is the list, `/c/<id>` an open conversation, pages have paths of their own; anything else is taken as `/`. */
const path = createStore(location.pathname)
window.addEventListener('popstate', () => path.set(location.pathname))

export const settingsTabs = ['numbers', 'members', 'account'] as const
export type SettingsTab = (typeof settingsTabs)[number]
/** What is shown in place of the inbox. */
export type Page =
  | { name: 'settings'; tab: SettingsTab }
  | { name: 'connection' }
  | { name: 'deliveries'; id: number | null }
  | { name: 'contact'; id: number }

function idIn(pattern: RegExp, pathname: string): number | null {
  const id = Number(pattern.exec(pathname)?.[1])
  return Number.isSafeInteger(id) ? id : null
}

export function openConversationId(pathname: string): number | null {
  return idIn(/^\/c\/([1-9]\d{0,15})\/?$/, pathname)
}

export function pageAt(pathname: string): Page | null {
  const plain = pathname.replace(/\/$/, '')
  if (plain === '/settings') return { name: 'settings', tab: 'numbers' }
  const tab = settingsTabs.find((one) => plain === `/settings/${one}`)
  if (tab) return { name: 'settings', tab }
  if (plain === '/connection') return { name: 'connection' }
  if (plain === '/connection/deliveries') return { name: 'deliveries', id: null }
  const delivery = idIn(/^\/connection\/deliveries\/([1-9]\d{0,15})$/, plain)
  if (delivery !== null) return { name: 'deliveries', id: delivery }
  const contact = idIn(/^\/contacts\/([1-9]\d{0,15})$/, plain)
  return contact === null ? null : { name: 'contact', id: contact }
}

export function useOpenConversation(): number | null {
  return openConversationId(useStore(path))
}

export function usePath(): string {
  return useStore(path)
}

export function currentConversation(): number | null {
  return openConversationId(path.get())
}

/** Where the inbox was left for a page. */
let leftAt = '/'

export function openPath(next: string): void {
  if (next === path.get()) return
  if (pageAt(path.get()) === null) leftAt = path.get()
  history.pushState(null, '', next)
  path.set(next)
}

/** From a page back to the inbox, as it was. */
export function closePage(): void {
  openPath(leftAt)
}

export function openConversation(id: number | null): void {
  openPath(id === null ? '/' : `/c/${id}`)
}
