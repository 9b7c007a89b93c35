import { ChevronDown, Copy, Download, Info, Reply, SmilePlus } from 'lucide-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { saveMedia, type ThreadMessage } from '../../lib/inbox'
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../../ui'
import type { BubbleActions } from './bubble-problem'
import { captionOf } from './message-content'
import { tickOf } from './ticks'

export type Asked = 'menu' | 'react' | 'details' | null

/** What one may do with a message. Answers need a message that WhatsApp knows. */
export function abilitiesOf(message: ThreadMessage, canWrite: boolean) {
  const known = !message.local && !message.revoked_at && message.whatsapp_message_id !== null
  return {
    answer: known && canWrite,
    copy: wordsOf(message) !== '',
    download: message.media?.state === 'stored' && !message.revoked_at,
    details: tickOf(message) !== null && !message.local,
  }
}

/** What is copied: what somebody wrote, not what we say about it. */
export function wordsOf(message: ThreadMessage): string {
  if (message.revoked_at) return ''
  const isFile = ['image', 'video', 'audio', 'document', 'sticker'].includes(message.message_type)
  return isFile ? captionOf(message) : message.message
}

const kButton = 'grid size-8 place-items-center rounded-full text-muted hover:bg-surface-3 hover:text-text'

/** Beside a bubble: by the mouse at once, by the keyboard through its menu, by touch with a long press. */
export function MessageActions({ message, actions, asked, onAsk }: { message: ThreadMessage; actions: BubbleActions; asked: Asked; onAsk(asked: Asked): void }) {
  const { t } = useTranslation('thread')
  const more = useRef<HTMLButtonElement>(null)
  const can = abilitiesOf(message, actions.canWrite)
  if (!can.answer && !can.copy && !can.download && !can.details) return null
  const isOpen = asked === 'menu'
  return (
    <div
      className={`relative flex shrink-0 self-center transition-opacity group-hover/row:opacity-100 focus-within:opacity-100 motion-reduce:transition-none pointer-coarse:pointer-events-none pointer-coarse:absolute pointer-coarse:opacity-0 pointer-coarse:group-hover/row:opacity-0 ${asked === null ? 'opacity-0' : 'opacity-100'}`}
    >
      {can.answer && (
        <>
          {/* The menu has both for the keyboard, so that there is one stop a message. */}
          <button type="button" tabIndex={-1} aria-label={t('react.label')} title={t('react.label')} onClick={() => onAsk('react')} className={kButton}>
            <SmilePlus aria-hidden className="size-4.5" />
          </button>
          <button type="button" tabIndex={-1} aria-label={t('action.reply')} title={t('action.reply')} onClick={() => actions.reply(message)} className={kButton}>
            <Reply aria-hidden className="size-4.5 rtl:-scale-x-100" />
          </button>
        </>
      )}
      <button
        ref={more}
        type="button"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-label={t('action.more')}
        title={t('action.more')}
        onClick={() => onAsk(isOpen ? null : 'menu')}
        className={kButton}
      >
        <ChevronDown aria-hidden className="size-4.5" />
      </button>
      {isOpen && (
        <Menu open onOpenChange={(open) => !open && onAsk(null)}>
          <MenuTrigger asChild>
            <span aria-hidden tabIndex={-1} className="pointer-events-none absolute inset-0" />
          </MenuTrigger>
          <MenuContent
            align="center"
            aria-label={t('action.more')}
            onCloseAutoFocus={(event) => {
              event.preventDefault()
              if (document.activeElement === document.body) more.current?.focus({ preventScroll: true })
            }}
          >
            {can.answer && (
              <>
                <MenuItem onSelect={() => setTimeout(() => actions.reply(message))}>
                  <Reply aria-hidden className="size-4 text-muted rtl:-scale-x-100" />
                  {t('action.reply')}
                </MenuItem>
                <MenuItem onSelect={() => setTimeout(() => onAsk('react'))}>
                  <SmilePlus aria-hidden className="size-4 text-muted" />
                  {t('react.label')}
                </MenuItem>
              </>
            )}
            {can.copy && (
              <MenuItem onSelect={() => void navigator.clipboard?.writeText(wordsOf(message)).catch(() => {})}>
                <Copy aria-hidden className="size-4 text-muted" />
                {t('action.copy_text')}
              </MenuItem>
            )}
            {can.download && (
              <MenuItem onSelect={() => message.media && void saveMedia(message.media, message.message_type).catch(() => {})}>
                <Download aria-hidden className="size-4 text-muted" />
                {t('action.download')}
              </MenuItem>
            )}
            {can.details && (
              <MenuItem onSelect={() => setTimeout(() => onAsk('details'))}>
                <Info aria-hidden className="size-4 text-muted" />
                {t('action.delivery')}
              </MenuItem>
            )}
          </MenuContent>
        </Menu>
      )}
    </div>
  )
}
