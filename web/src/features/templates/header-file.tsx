import { FileUp, RotateCcw } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileSize } from '../../lib/file-name'
import type { FileKind } from '../../lib/message-shapes'
import { problemOf } from '../../lib/problem'
import { uploadHeader } from '../../lib/templates'
import { Button } from '../../ui'
import { judge, kLimits, type Kind } from '../composer/limits'
import { toJpeg } from '../composer/pictures'
import { useLocale } from '../thread/use-locale'

/** The file of a header as far as it is: `mediaId` is there once the server has it. */
export interface ChosenFile {
  name: string
  url: string | null
  mediaId: number | null
}

interface Props {
  kind: FileKind
  problem?: string | undefined
  file: ChosenFile | null
  onChange(file: ChosenFile | null): void
}

const kAccept: Record<string, string> = { image: 'image/*', video: 'video/mp4,video/3gpp', document: '' }
type State = { kind: 'idle' } | { kind: 'uploading'; share: number } | { kind: 'failed'; words: string; again?: File }

export function HeaderFile({ kind, problem, file, onChange }: Props) {
  const { t } = useTranslation('templates')
  const locale = useLocale()
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const giveUp = useRef<AbortController>(null)
  const shown = useRef<string>(null)
  const [state, setState] = useState<State>({ kind: 'idle' })
  const limit = fileSize(kLimits[kind], locale)
  useEffect(
    () => () => {
      giveUp.current?.abort()
      if (shown.current) URL.revokeObjectURL(shown.current)
    },
    [],
  )

  async function take(picked: File) {
    giveUp.current?.abort()
    const attempt = (giveUp.current = new AbortController())
    onChange(null)
    setState({ kind: 'uploading', share: 0 })
    try {
      const ready = await prepared(picked)
      if (typeof ready === 'string') return setState({ kind: 'failed', words: ready })
      const media = await uploadHeader(ready, kind, attempt.signal, (share) => setState({ kind: 'uploading', share }))
      if (attempt.signal.aborted) return
      if (shown.current) URL.revokeObjectURL(shown.current)
      shown.current = kind === 'document' ? null : URL.createObjectURL(ready)
      setState({ kind: 'idle' })
      onChange({ name: ready.name, url: shown.current, mediaId: media.id })
    } catch (error) {
      if (attempt.signal.aborted) return
      const found = problemOf(error)
      setState({ kind: 'failed', words: found.status === 0 ? t('unreachable') : found.detail, again: picked })
    }
  }

  /** A file that WhatsApp takes, or what is wrong with this one. */
  async function prepared(picked: File): Promise<File | string> {
    const verdict = judge(picked, kind as Kind)
    if ('problem' in verdict) {
      return t(`file.${verdict.problem}`, { limit, size: fileSize(picked.size, locale) })
    }
    if ('convert' in verdict) return toJpeg(picked).then((made) => made.file, () => t('file.unreadable'))
    return verdict.type === picked.type ? picked : new File([picked], picked.name, { type: verdict.type })
  }

  const words = state.kind === 'failed' ? state.words : problem
  return (
    <div>
      <p id={`${id}-label`} className="mb-1 text-[0.8125rem] font-medium">
        {t(`header.${kind.toUpperCase()}`)}
      </p>
      <input
        ref={input}
        type="file"
        hidden
        accept={kAccept[kind]}
        aria-labelledby={`${id}-label`}
        onChange={({ currentTarget }) => {
          const [picked] = currentTarget.files ?? []
          if (picked) void take(picked)
          currentTarget.value = ''
        }}
      />
      <div className="flex flex-wrap items-center gap-3 rounded-lg border border-dashed border-border-strong p-3">
        <Button
          size="small"
          id="field-header.media_id"
          aria-invalid={Boolean(words)}
          aria-describedby={`${id}-note`}
          disabled={state.kind === 'uploading'}
          onClick={() => input.current?.click()}
        >
          <FileUp aria-hidden className="size-4" />
          {t(file ? 'file.other' : 'file.choose')}
        </Button>
        {state.kind === 'uploading' ? (
          <>
            <progress aria-label={t('file.uploading')} max={1} value={state.share} className="h-1.5 min-w-24 flex-1 accent-accent" />
            <Button
              size="small"
              look="ghost"
              onClick={() => {
                giveUp.current?.abort()
                setState({ kind: 'idle' })
              }}
            >
              {t('cancel')}
            </Button>
          </>
        ) : (
          file && <bdi className="min-w-0 truncate text-[0.8125rem]">{file.name}</bdi>
        )}
        {state.kind === 'failed' && state.again && (
          <Button size="small" look="ghost" onClick={() => state.again && void take(state.again)}>
            <RotateCcw aria-hidden className="size-4" />
            {t('try_again')}
          </Button>
        )}
      </div>
      <p id={`${id}-note`} role={words ? 'alert' : undefined} className={`mt-1 text-xs ${words ? 'text-danger' : 'text-muted'}`}>
        {words ?? t(`file.help_${kind}`, { limit })}
      </p>
    </div>
  )
}
