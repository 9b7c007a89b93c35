import { useTranslation } from 'react-i18next'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'

export interface SignOutDialogProps {
  open: boolean
  onOpenChange(open: boolean): void
  unsent: number
  drafts: number
  onSignOut(): void
}

/** Asked only when signing out throws something away. */
export function SignOutDialog({ open, onOpenChange, unsent, drafts, onSignOut }: SignOutDialogProps) {
  const { t } = useTranslation()
  const losses = [
    unsent > 0 && t('sign_out.unsent', { count: unsent }),
    drafts > 0 && t('sign_out.drafts', { count: drafts }),
  ].filter((text) => text !== false)
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('sign_out.title')}
      description={t('sign_out.text')}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>{t('sign_out.stay')}</Button>
          <Button look="danger" onClick={onSignOut}>
            {t('sign_out.confirm')}
          </Button>
        </>
      }
    >
      <ul className="list-disc space-y-1 ps-5">
        {losses.map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </Dialog>
  )
}
