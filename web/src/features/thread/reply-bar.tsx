import { Reply, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import { IconButton } from '../../ui'
import { excerptOfMessage } from './quote'

/** Above the composer: the message that is answered. */
export function ReplyBar({ message, customerName, onCancel }: { message: ThreadMessage; customerName: string; onCancel(): void }) {
  const { t } = useTranslation('thread')
  const who = message.sender === 'customer' ? customerName : t('us')
  return (
    <div className="flex items-center gap-2 px-2 pt-2 sm:px-4">
      <Reply aria-hidden className="ms-2 size-4.5 shrink-0 text-muted rtl:-scale-x-100" />
      <div className="min-w-0 flex-1 rounded-lg border-s-4 border-accent bg-surface-2 px-2.5 py-1 text-[0.8125rem] leading-snug">
        <p className="truncate font-semibold" dir="auto">
          <span className="sr-only">{t('reply.to')} </span>
          {who}
        </p>
        <p className="truncate text-muted" dir="auto">
          {excerptOfMessage(message, t)}
        </p>
      </div>
      <IconButton label={t('reply.cancel')} onClick={onCancel}>
        <X aria-hidden className="size-5" />
      </IconButton>
    </div>
  )
}
