import { useEffect } from 'react'

const bubble =
  'M9 3h14a7 7 0 0 1 7 7v8a7 7 0 0 1-7 7h-7.2l-6.3 4.6A1 1 0 0 1 8 28.8V25a7 7 0 0 1-6-7v-8a7 7 0 0 1 7-7z'

/** The mark with the number of unread messages on it, as a data URL. */
export function badgedIcon(unread: number): string {
  const text = unread > 99 ? '99+' : String(unread)
  const size = { 1: 17, 2: 15 }[text.length] ?? 12
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#0b6b62" d="${bubble}"/>` +
    `<rect x="8" y="10" width="24" height="22" rx="11" fill="#c5281c"/>` +
    `<text x="20" y="${21 + size * 0.36}" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="700" ` +
    `font-size="${size}" fill="#fff">${text}</text></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

/** Keeps the tab's title and icon: how much is unread, and what is open. */
export function useTabBadge(unread: number, title: string): void {
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title === '' ? '' : `${title} · `}Parley`
    const icon = document.querySelector<HTMLLinkElement>('#favicon')
    if (icon) icon.href = unread > 0 ? badgedIcon(unread) : '/favicon.svg'
  }, [unread, title])
}
