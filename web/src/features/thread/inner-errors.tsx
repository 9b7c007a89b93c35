import { TriangleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import { adviceKey } from './advice'
import { list, number, object, text } from './payload'

/** What WhatsApp says went wrong with a message that it delivered nevertheless. */
export function InnerErrors({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  // Of unsupported ones, and of files that did not come, the card says all there is.
  if (message.sender !== 'customer' || message.media?.state === 'failed' || ['unsupported', 'unknown'].includes(message.message_type)) return null
  return list(object(message.payload).errors).map((error, index) => {
    const key = adviceKey(number(error.code) ?? -1)
    const words = key ? t(`advice.${key}`) : text(object(error.error_data).details) || text(error.title) || text(error.message)
    return (
      <p key={index} className="mt-1 flex items-start gap-1.5 text-xs text-warn" dir="auto">
        <TriangleAlert aria-hidden className="mt-px size-3.5 shrink-0" />
        {words}
      </p>
    )
  })
}
