import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { saveMedia, useMedia, type ThreadMessage } from '../../../lib/inbox'
import { Spinner } from '../../../ui/spinner'
import { captionOf } from '../message-content'
import { format } from '../days'
import { useLocale } from '../use-locale'
import { shownAs } from './media-view'

/** The pictures of a thread, oldest first. */
export function picturesOf(messages: ThreadMessage[]): ThreadMessage[] {
  return messages.filter(({ message_type, media, revoked_at }) => {
    if (!media || media.state !== 'stored' || revoked_at) return false
    const kind = message_type === 'template' || message_type === 'interactive' ? 'image' : message_type
    return shownAs(media, kind) === 'image'
  })
}

const kZooms = [1, 2, 4]
const kSwipe = 60

/** Pictures over the whole page. Arrow keys and swipes go to the next one, Escape closes. */
export default function Viewer({ messages, start, onClose }: { messages: ThreadMessage[]; start: number; onClose(): void }) {
  const { t, i18n } = useTranslation('thread')
  const locale = useLocale()
  const pictures = picturesOf(messages)
  const [id, setId] = useState(start)
  const [zoom, setZoom] = useState(1)
  const swipe = useRef<{ x: number; y: number } | null>(null)
  const at = pictures.findIndex((message) => message.id === id)
  const message = pictures[at]
  const go = (step: number) => {
    const next = pictures[at + step]
    if (!next) return
    setId(next.id)
    setZoom(1)
  }
  const larger = (step: number) => setZoom((now) => kZooms[Math.max(0, Math.min(kZooms.length - 1, kZooms.indexOf(now) + step))] ?? 1)
  const forward = i18n.dir() === 'rtl' ? -1 : 1

  function onKeyDown(event: KeyboardEvent) {
    const acts: Record<string, () => void> = {
      ArrowRight: () => go(forward),
      ArrowLeft: () => go(-forward),
      '+': () => larger(1),
      '-': () => larger(-1),
    }
    // A picture that is zoomed is moved by the arrows.
    const act = zoom > 1 && event.key.startsWith('Arrow') ? undefined : acts[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  function onPointerUp(event: PointerEvent) {
    const begun = swipe.current
    swipe.current = null
    if (!begun || zoom > 1) return
    const [across, down] = [event.clientX - begun.x, event.clientY - begun.y]
    if (Math.abs(across) > kSwipe && Math.abs(across) > Math.abs(down)) go(across < 0 ? forward : -forward)
    else if (down > 2 * kSwipe) onClose()
  }

  const caption = message ? captionOf(message) : ''
  const title = message ? format(locale, 'date').format(new Date(message.created_at)) : t('type.image')
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          onKeyDown={onKeyDown}
          className="fixed inset-0 z-50 flex flex-col bg-black text-white outline-none"
        >
          <div className="flex items-center gap-1 p-2 ps-4">
            <Dialog.Title className="min-w-0 flex-1 truncate text-sm font-normal">
              {title}
              {pictures.length > 1 && <span className="opacity-75"> · {t('media.position_of', { at: at + 1, total: pictures.length })}</span>}
            </Dialog.Title>
            <Tool label={t('media.zoom_out')} disabled={zoom === kZooms[0]} onClick={() => larger(-1)}>
              <ZoomOut aria-hidden className="size-5" />
            </Tool>
            <Tool label={t('media.zoom_in')} disabled={zoom === kZooms.at(-1)} onClick={() => larger(1)}>
              <ZoomIn aria-hidden className="size-5" />
            </Tool>
            <Tool label={t('action.download')} disabled={!message} onClick={() => message?.media && void saveMedia(message.media, 'image').catch(() => {})}>
              <Download aria-hidden className="size-5" />
            </Tool>
            <Tool label={t('action.close')} onClick={onClose}>
              <X aria-hidden className="size-5" />
            </Tool>
          </div>
          <div className="relative min-h-0 flex-1">
            <div
              tabIndex={zoom > 1 ? 0 : -1}
              className={`absolute inset-0 ${zoom > 1 ? 'overflow-auto' : 'touch-none overflow-hidden'}`}
              onDoubleClick={() => setZoom(zoom === 1 ? 2 : 1)}
              onPointerDown={(event) => (swipe.current = { x: event.clientX, y: event.clientY })}
              onPointerUp={onPointerUp}
            >
              <div className="grid size-full place-items-center" style={{ width: `${zoom * 100}%`, height: `${zoom * 100}%` }}>
                {message?.media && <Whole key={message.id} message={message} />}
              </div>
            </div>
            {at > 0 && (
              <Arrow side="start" label={t('media.previous')} onClick={() => go(-1)}>
                <ChevronLeft aria-hidden className="size-6 rtl:-scale-x-100" />
              </Arrow>
            )}
            {at < pictures.length - 1 && (
              <Arrow side="end" label={t('media.next')} onClick={() => go(1)}>
                <ChevronRight aria-hidden className="size-6 rtl:-scale-x-100" />
              </Arrow>
            )}
          </div>
          {caption && (
            <p className="max-h-28 overflow-y-auto px-4 py-3 text-center text-sm whitespace-pre-wrap wrap-anywhere" dir="auto">
              {caption}
            </p>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Whole({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  const { url, problem, retry } = useMedia(message.media ?? null, 'image', 'whole', true)
  if (url) return <img src={url} alt={captionOf(message) || t('type.image')} draggable={false} className="size-full object-contain" />
  if (!problem) return <Spinner label={t('loading')} className="text-white" />
  return (
    <button type="button" onClick={retry} className="rounded-lg border border-white/40 px-4 py-2 text-sm">
      {t('media.not_loaded')} {t('action.try_again')}
    </button>
  )
}

function Tool({ label, disabled, onClick, children }: { label: string; disabled?: boolean; onClick(): void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="grid size-10 shrink-0 place-items-center rounded-full outline-offset-0 hover:bg-white/15 focus-visible:outline-white disabled:opacity-40"
    >
      {children}
    </button>
  )
}

function Arrow({ side, label, onClick, children }: { side: 'start' | 'end'; label: string; onClick(): void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={onClick}
      className={`absolute top-1/2 grid size-11 -translate-y-1/2 place-items-center rounded-full bg-black/50 hover:bg-white/20 focus-visible:outline-white ${side === 'start' ? 'start-2' : 'end-2'}`}
    >
      {children}
    </button>
  )
}
