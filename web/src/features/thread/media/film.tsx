import { Play } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMedia } from '../../../lib/inbox'
import type { Media } from '../../../lib/message-shapes'
import { fileSize } from '../../../lib/file-name'
import { Spinner } from '../../../ui/spinner'
import { useLocale } from '../use-locale'
import { FileCard } from './file-card'
import { Frame } from './picture'

/** A video, loaded when it is to be played. */
export function Film({ media, label }: { media: Media; label: string }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const [wanted, setWanted] = useState(false)
  const [unplayable, setUnplayable] = useState(false)
  const { url, problem, retry } = useMedia(media, 'video', 'whole', wanted)
  const words = media.size === null ? label : `${label} · ${fileSize(media.size, locale)}`
  if (unplayable) return <FileCard media={media} kind="video" label={label} note={t('media.unplayable')} />
  return (
    <Frame size={{ width: 320, height: 200 }}>
      {url ? (
        <video
          src={url}
          controls
          autoPlay
          playsInline
          aria-label={label}
          onError={() => setUnplayable(true)}
          className="size-full bg-black object-contain"
        />
      ) : (
        <button
          type="button"
          onClick={() => (problem ? retry() : setWanted(true))}
          disabled={wanted && !problem}
          aria-label={problem ? undefined : t('media.play', { what: words })}
          className="absolute inset-0 grid place-content-center justify-items-center gap-2 -outline-offset-2"
        >
          <span className="grid size-13 place-items-center rounded-full bg-black/60 text-white">
            {wanted && !problem ? <Spinner className="text-white" label={t('loading')} /> : <Play aria-hidden className="size-6 fill-current" />}
          </span>
          <span className="text-xs opacity-80">
            {problem ? `${t('media.not_loaded')} ${t('action.try_again')}` : words}
          </span>
        </button>
      )}
    </Frame>
  )
}
