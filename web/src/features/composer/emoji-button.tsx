import { LoaderCircle, SmilePlus } from 'lucide-react'
import { Popover } from 'radix-ui'
import { lazy, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LoadedLater } from '../../ui'
import { isTouch } from './touch'

const EmojiPicker = lazy(() => import('./emoji-picker'))

/** Opens the emoji picker, which is loaded then. It stays open, so that several can be picked. */
export function EmojiButton({ onPick, onClosed }: { onPick(emoji: string): void; onClosed(): void }) {
  const { t } = useTranslation('thread')
  const [open, setOpen] = useState(false)
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        type="button"
        aria-label={t('emoji.open')}
        title={t('emoji.open')}
        className="grid size-10 shrink-0 place-items-center rounded-full text-muted hover:bg-surface-2 hover:text-text"
      >
        <SmilePlus aria-hidden className="size-5" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="start"
          sideOffset={10}
          collisionPadding={8}
          aria-label={t('emoji.label')}
          className="z-50 h-90 w-82 max-w-[calc(100vw-1rem)] overflow-hidden rounded-2xl border border-border bg-surface text-text shadow-pop outline-none"
          onOpenAutoFocus={(event) => {
            if (isTouch()) event.preventDefault()
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            if (!isTouch()) onClosed()
          }}
        >
          <LoadedLater fallback={<Loading label={t('loading')} />}>
            <EmojiPicker onPick={onPick} onDone={() => setOpen(false)} />
          </LoadedLater>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Loading({ label }: { label: string }) {
  return (
    <div className="grid h-full place-items-center text-muted">
      <LoaderCircle aria-label={label} className="size-6 animate-spin motion-reduce:animate-none" />
    </div>
  )
}
