import { Bell } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { notificationsOffered } from '../../app/preferences'
import { useStore } from '../../lib/store'
import { Button } from '../../ui/button'
import { canNotify, turnOnNotifications } from './use-notifier'

/** Offers notifications once; the browser asks only after a yes. */
export function NotificationCard() {
  const { t } = useTranslation()
  const wasOffered = useStore(notificationsOffered)
  if (wasOffered || !canNotify() || Notification.permission !== 'default') return null
  const accept = () => {
    notificationsOffered.set(true)
    void turnOnNotifications()
  }
  return (
    <section aria-labelledby="offer-title" className="m-3 mt-0 rounded-xl border border-border bg-surface-2 p-3">
      <div className="flex gap-3">
        <Bell className="mt-0.5 size-5 shrink-0 text-accent" aria-hidden />
        <div>
          <h2 id="offer-title" className="font-medium">
            {t('notifications.offer')}
          </h2>
          <p className="mt-0.5 text-[0.8125rem] text-muted">{t('notifications.why')}</p>
          <div className="mt-2.5 flex flex-wrap gap-2">
            <Button look="primary" size="small" onClick={accept}>
              {t('notifications.turn_on')}
            </Button>
            <Button look="ghost" size="small" onClick={() => notificationsOffered.set(true)}>
              {t('notifications.not_now')}
            </Button>
          </div>
        </div>
      </div>
    </section>
  )
}
