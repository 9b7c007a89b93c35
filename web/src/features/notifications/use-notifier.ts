import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { notificationsOn, soundOn } from '../../app/preferences'
import { currentConversation, openConversation } from '../../app/router'
import type { LiveEvent } from '../../lib/live/frames'
import { contactTitle } from '../../lib/format'
import { workspace } from '../../lib/workspace'
import { excerptOf, kindInList } from '../thread/excerpt'
import { playIncomingSound } from './sound'

/** Sound, desktop notification, and the text for screen readers when customers write. Returns that text. */
export function useNotifier(): string {
  const { t } = useTranslation('list')
  const [announcement, setAnnouncement] = useState('')

  useEffect(
    () =>
      workspace().onEvent((event) => {
        if (!isNews(event) || isBeingRead(event.conversation_id)) return
        const { message, conversation } = event.data
        const name = conversation ? contactTitle(conversation) : t('a_customer')
        if (!message) return
        const kind = kindInList(message.message_type, message.message)
        const text = excerptOf(message.message_type, message.message) || t(`type.${kind}`, { defaultValue: t('type.other') })
        setAnnouncement(t('announce', { name, text }))
        if (soundOn.get()) playIncomingSound()
        if (!document.hasFocus()) showNotification(name, text, event.conversation_id)
      }),
    [t],
  )
  return announcement
}

const kNewsMs = 60_000

/** A customer's message that came now, not an old one that was caught up on. */
function isNews({ name, data }: LiveEvent): boolean {
  if (name !== 'message.created' || data.message?.sender !== 'customer') return false
  return Date.parse(data.message.created_at) > workspace().clock.now.get() - kNewsMs
}

function isBeingRead(conversationId: number): boolean {
  return currentConversation() === conversationId && document.visibilityState === 'visible' && document.hasFocus()
}

function showNotification(title: string, body: string, conversationId: number): void {
  if (!notificationsOn.get() || !('Notification' in window) || Notification.permission !== 'granted') return
  try {
    const notification = new Notification(title, { body, tag: `parley-${conversationId}`, icon: '/favicon.svg' })
    notification.onclick = () => {
      window.focus()
      openConversation(conversationId)
      notification.close()
    }
  } catch {
    // Some phones only allow notifications from service workers.
  }
}

/** Phones show a page's notifications only by way of a service worker, so there they are not offered. */
export function canNotify(): boolean {
  return 'Notification' in window && !window.matchMedia('(hover: none) and (pointer: coarse)').matches
}

/** Asks the browser; false when it or the person says no. */
export async function turnOnNotifications(): Promise<boolean> {
  if (!('Notification' in window)) return false
  const isGranted = (await Notification.requestPermission()) === 'granted'
  notificationsOn.set(isGranted)
  return isGranted
}
