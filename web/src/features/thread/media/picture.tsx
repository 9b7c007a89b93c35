import { ImageOff, RotateCw } from 'lucide-react'
import { useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { sizeOfPicture, useConnectionState, useMedia, useSentFileUrl, useUploadProgress, type ThreadMessage } from '../../../lib/inbox'
import type { Size } from '../../../lib/media'
import type { Media } from '../../../lib/message-shapes'
import type { SentFile } from '../../../lib/outbox'
import { frameOf } from './frame'
import { Shimmer } from './shimmer'
import { useInView } from './use-in-view'

/** The room a picture takes, whatever is in it. Nothing shifts when it comes, if its size was seen before. */
export function Frame({ size, children }: { size: Size | null; children: ReactNode }) {
  const { width, height } = frameOf(size)
  return (
    <div className="relative -mx-1.5 mb-1 overflow-hidden rounded-xl bg-current/8" style={{ width, maxWidth: 'calc(100% + 0.75rem)', aspectRatio: `${width} / ${height}` }}>
      {children}
    </div>
  )
}

export function Picture({ media, label, onOpen }: { media: Media; label: string; onOpen(): void }) {
  const { t } = useTranslation('thread')
  const box = useRef<HTMLDivElement>(null)
  const inView = useInView(box)
  const { url, problem, retry } = useMedia(media, 'image', 'small', inView)
  return (
    <div ref={box}>
      <Frame size={sizeOfPicture(media.id)}>
        {url ? (
          <button type="button" onClick={onOpen} aria-label={t('media.open', { what: label })} className="absolute inset-0 -outline-offset-2">
            <img src={url} alt="" decoding="async" draggable={false} className="size-full object-cover" />
          </button>
        ) : problem ? (
          <Broken onRetry={retry} />
        ) : (
          <Shimmer />
        )}
      </Frame>
    </div>
  )
}

/** Without a bubble: moving ones keep moving, so they are shown as they are. */
export function StickerPicture({ media, label }: { media: Media; label: string }) {
  const box = useRef<HTMLDivElement>(null)
  const { url, problem, retry } = useMedia(media, 'image', 'whole', useInView(box))
  return (
    <div ref={box} className="relative size-40">
      {url ? (
        <img src={url} alt={label} decoding="async" draggable={false} className="size-full object-contain" />
      ) : problem ? (
        <Broken onRetry={retry} />
      ) : (
        <Shimmer />
      )}
    </div>
  )
}

/** A picture or film of ours on its way. */
export function SentPicture({ clientId, file, label }: { clientId: string; file: SentFile; label: string }) {
  const url = useSentFileUrl(clientId)
  return (
    <Frame size={file.natural ?? null}>
      {url && file.kind === 'image' && <img src={url} alt={label} className="size-full object-cover" />}
      {url && file.kind === 'video' && <video src={url} aria-label={label} muted preload="metadata" className="size-full object-cover" />}
      {!url && <span className="grid size-full place-items-center p-3 text-center text-sm opacity-80">{label}</span>}
    </Frame>
  )
}

/** How far the upload is, with the way to give it up. */
export function Uploading({ message, onCancel }: { message: ThreadMessage; onCancel(): void }) {
  const { t } = useTranslation('thread')
  const share = useUploadProgress(message.local?.clientId ?? '')
  const isLive = useConnectionState() === 'live'
  // Offline, what waits says so itself.
  const waitsItsTurn = message.local?.state === 'waiting' && isLive
  if (share === null && !waitsItsTurn) return null
  return (
    <div className="mt-1 flex items-center gap-2 text-xs">
      {share === null ? (
        <span className="flex-1 opacity-80">{t('status.waiting')}</span>
      ) : (
        <>
          <progress value={share} max={1} aria-label={t('media.uploading')} className="h-1.5 min-w-16 flex-1 accent-accent" />
          <span className="tabular-nums opacity-80">{Math.round(share * 100)} %</span>
        </>
      )}
      <button type="button" onClick={onCancel} className="min-h-7 rounded-md px-2 font-medium text-accent hover:underline">
        {t('action.cancel')}
      </button>
    </div>
  )
}

function Broken({ onRetry }: { onRetry(): void }) {
  const { t } = useTranslation('thread')
  return (
    <button type="button" onClick={onRetry} className="absolute inset-0 grid place-content-center justify-items-center gap-1.5 p-3 text-center text-xs">
      <ImageOff aria-hidden className="size-6 opacity-70" />
      {t('media.not_loaded')}
      <span className="flex items-center gap-1 font-medium text-accent">
        <RotateCw aria-hidden className="size-3.5" />
        {t('action.try_again')}
      </span>
    </button>
  )
}
