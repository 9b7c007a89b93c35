import { LoaderCircle, Mic, Pause, Play } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { plainFileName } from '../../../lib/file-name'
import { useMedia, useSentFileUrl } from '../../../lib/inbox'
import type { Media } from '../../../lib/message-shapes'
import { FileCard } from './file-card'

/** A voice message or another sound, loaded when it is to be played. */
export function Sound({ media, isVoice, label }: { media: Media; isVoice: boolean; label: string }) {
  const { t } = useTranslation('thread')
  const [wanted, setWanted] = useState(false)
  const [unplayable, setUnplayable] = useState(false)
  const { url, problem, retry } = useMedia(media, 'audio', 'whole', wanted)
  if (unplayable) return <FileCard media={media} kind="audio" label={label} note={t('media.unplayable')} />
  return (
    <Player
      url={url}
      label={label}
      title={isVoice ? '' : plainFileName(media.file_name)}
      isVoice={isVoice}
      isLoading={wanted && !url && !problem}
      note={problem ? t('media.not_loaded') : ''}
      playAtOnce
      onWanted={() => (problem ? retry() : setWanted(true))}
      onUnplayable={() => setUnplayable(true)}
    />
  )
}

export function SentSound({ clientId, isVoice, name, label }: { clientId: string; isVoice: boolean; name: string; label: string }) {
  const url = useSentFileUrl(clientId)
  return <Player url={url} label={label} title={isVoice ? '' : name} isVoice={isVoice} />
}

interface PlayerProps {
  url: string | null
  label: string
  title?: string
  isVoice: boolean
  isLoading?: boolean
  note?: string
  /** Known from elsewhere, in seconds: some recordings do not say. */
  length?: number
  playAtOnce?: boolean
  onWanted?(): void
  onUnplayable?(): void
}

const kSpeeds = [1, 1.5, 2]

/** Play, seek, speed. Whatever else plays stops. */
export function Player(props: PlayerProps) {
  const { url, label, title = '', isVoice, isLoading = false, note = '', playAtOnce = false } = props
  const { t } = useTranslation('thread')
  const audio = useRef<HTMLAudioElement>(null)
  const [playing, setPlaying] = useState(false)
  const [at, setAt] = useState(0)
  const [measured, setMeasured] = useState(0)
  const [speed, setSpeed] = useState(1)
  const length = measured || props.length || 0
  useEffect(() => {
    if (url && playAtOnce) void audio.current?.play().catch(() => {})
  }, [url, playAtOnce])
  useEffect(() => {
    if (audio.current) audio.current.playbackRate = speed
  }, [speed, url])

  const toggle = () => {
    const element = audio.current
    if (!url || !element) props.onWanted?.()
    else if (element.paused) void element.play().catch(() => {})
    else element.pause()
  }
  const seek = (seconds: number) => {
    if (audio.current) audio.current.currentTime = seconds
    setAt(seconds)
  }
  return (
    <div className="mb-1 w-72 max-w-full" role="group" aria-label={title || label}>
      {title && (
        <p className="truncate text-sm font-medium">
          <bdi>{title}</bdi>
        </p>
      )}
      {/* Left to right in every language, as players are. */}
      <div dir="ltr" className="flex items-center gap-2">
        <button
          type="button"
          onClick={toggle}
          disabled={isLoading}
          aria-label={playing ? t('media.pause') : t('media.play', { what: label })}
          className="grid size-10 shrink-0 place-items-center rounded-full bg-accent text-accent-text"
        >
          {isLoading ? (
            <LoaderCircle aria-hidden className="size-5 animate-spin motion-reduce:animate-none" />
          ) : playing ? (
            <Pause aria-hidden className="size-5 fill-current" />
          ) : (
            <Play aria-hidden className="ms-0.5 size-5 fill-current" />
          )}
        </button>
        <div className="min-w-0 flex-1">
          <input
            type="range"
            min={0}
            max={length || 1}
            step={0.1}
            value={Math.min(at, length || 1)}
            disabled={!url || length === 0}
            aria-label={t('media.position')}
            aria-valuetext={clock(at)}
            onChange={(event) => seek(Number(event.target.value))}
            className="block h-5 w-full accent-accent"
          />
          <p className="flex items-center justify-between text-[0.6875rem] tabular-nums opacity-80">
            <span>{note || (url ? clock(at) : isVoice ? t('type.voice') : label)}</span>
            <span>{length > 0 ? clock(length) : ''}</span>
          </p>
        </div>
        <button
          type="button"
          onClick={() => setSpeed(kSpeeds[(kSpeeds.indexOf(speed) + 1) % kSpeeds.length] ?? 1)}
          aria-label={t('media.speed', { speed })}
          className="grid h-7 min-w-9 shrink-0 place-items-center rounded-full bg-current/8 px-1.5 text-xs font-semibold tabular-nums hover:bg-current/15"
        >
          {speed}×
        </button>
        {isVoice && <Mic aria-hidden className="size-4 shrink-0 opacity-60" />}
      </div>
      {url && (
        <audio
          ref={audio}
          src={url}
          preload="metadata"
          onPlay={(event) => {
            for (const other of document.querySelectorAll('audio, video')) {
              if (other !== event.currentTarget) (other as HTMLMediaElement).pause()
            }
            setPlaying(true)
          }}
          onPause={() => setPlaying(false)}
          onEnded={() => {
            setPlaying(false)
            seek(0)
          }}
          onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
          onDurationChange={(event) => setMeasured(finite(event.currentTarget.duration))}
          onError={() => props.onUnplayable?.()}
        />
      )}
    </div>
  )
}

const finite = (seconds: number) => (Number.isFinite(seconds) ? seconds : 0)

/** "1:05". */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
