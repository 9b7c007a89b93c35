import { ShieldAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useTabBadge } from '../features/notifications/use-tab-badge'
import { Button } from '../ui/button'

/** For those who are signed in and do not belong here (any more): nothing of the customers stays on the screen. */
export function NoAccess({ onSignOut }: { onSignOut(): void }) {
  const { t } = useTranslation()
  useTabBadge(0, '')
  return (
    <main className="grid h-full place-items-center bg-bg px-6">
      <div role="alert" className="flex max-w-sm flex-col items-center gap-5 text-center">
        <span className="grid size-14 place-items-center rounded-full bg-danger-soft text-danger">
          <ShieldAlert className="size-7" aria-hidden />
        </span>
        <p>{t('connection.refused')}</p>
        <Button onClick={onSignOut}>{t('account.sign_out')}</Button>
      </div>
    </main>
  )
}
