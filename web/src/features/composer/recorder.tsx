import { Check, Mic, Pause, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton, Spinner } from '../../ui'
import { clock } from '../thread/media/sound'
import { kLimits } from './limits'
import { record, type Recording } from './recording'

interface Props {
  /** What was recorded, to be listened to before it is sent. */
  onDone(file: File): void
  onCancel(): void
}

type State = 'asking' | 'recording' | 'paused' | 'working' | 'denied' | 'none' | 'failed'

/** Records a voice message in place of the text field. */
export default function Recorder({ onDone, onCancel }: Props) {
  const { t } = useTranslation('thread')
  const [state, setState] = useState<State>('asking')
  const [seconds, setSeconds] = useState(0)
  const recording = useRef<Recording | null>(null)
  const meter = useRef<HTMLMeterElement>(null)

  useEffect(() => {
    let gone = false
    record().then(
      (begun) => {
        if (gone) return begun.cancel()
        recording.current = begun
        setState('recording')
      },
      (error: unknown) => {
        const name = error instanceof Error ? error.name : ''
        if (!gone) setState(name === 'NotAllowedError' ? 'denied' : name === 'NotFoundError' ? 'none' : 'failed')
      },
    )
    return () => {
      gone = true
      recording.current?.cancel()
      recording.current = null
    }
  }, [])

  useEffect(() => {
    if (state !== 'recording') return
    let last = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      setSeconds((before) => before + (now - last) / 1000)
      last = now
      if (meter.current) meter.current.value = recording.current?.level() ?? 0
    }, 100)
    return () => clearInterval(timer)
  }, [state])

  async function finish() {
    const ended = recording.current
    if (!ended) return
    recording.current = null
    setState('working')
    try {
      const raw = await ended.stop()
      const file = await voiceFile(raw)
      if (file.size > kLimits.audio) throw new Error('Too long.')
      onDone(file)
    } catch {
      setState('failed')
    }
  }
  const pause = () => {
    const isPaused = state === 'paused'
    if (isPaused) recording.current?.resume()
    else recording.current?.pause?.()
    setState(isPaused ? 'recording' : 'paused')
  }

  const words = { denied: t('voice.denied'), none: t('voice.none'), failed: t('voice.failed') }
  const isRunning = state === 'recording' || state === 'paused'
  return (
    <div role="group" aria-label={t('voice.record')} className="flex min-h-12 items-center gap-2 rounded-3xl border border-border bg-bg p-1">
      <IconButton label={t('voice.cancel')} onClick={onCancel}>
        <Trash2 aria-hidden className="size-5" />
      </IconButton>
      {state === 'asking' || state === 'working' ? (
        <span className="flex flex-1 items-center gap-2 text-sm text-muted">
          <Spinner />
          {t(state === 'asking' ? 'voice.asking' : 'voice.working')}
        </span>
      ) : isRunning ? (
        <>
          <span aria-hidden className={`size-2.5 shrink-0 rounded-full bg-danger ${state === 'recording' ? 'animate-pulse motion-reduce:animate-none' : 'opacity-40'}`} />
          <span role="timer" className="text-sm tabular-nums">
            {clock(seconds)}
          </span>
          <meter ref={meter} min={0} max={1} aria-label={t('voice.level')} className="h-3 min-w-10 flex-1" />
          {recording.current?.pause && (
            <IconButton label={t(state === 'paused' ? 'voice.resume' : 'voice.pause')} onClick={pause}>
              {state === 'paused' ? <Mic aria-hidden className="size-5" /> : <Pause aria-hidden className="size-5" />}
            </IconButton>
          )}
          <button
            type="button"
            autoFocus
            onClick={() => void finish()}
            aria-label={t('voice.finish')}
            title={t('voice.finish')}
            className="grid size-10 shrink-0 place-items-center rounded-full bg-accent text-accent-text hover:opacity-90"
          >
            <Check aria-hidden className="size-5" />
          </button>
        </>
      ) : (
        <p role="alert" className="flex-1 pe-3 text-sm text-danger">
          {words[state]}
        </p>
      )}
    </div>
  )
}

/** A voice message where the browser records Opus; a sound file elsewhere. */
async function voiceFile(raw: Blob): Promise<File> {
  if (raw.type === 'audio/mp4') return new File([raw], 'voice.m4a', { type: raw.type })
  const { kVoiceType, toOgg } = await import('../../lib/voice')
  return new File([await toOgg(raw)], 'voice.ogg', { type: kVoiceType })
}
