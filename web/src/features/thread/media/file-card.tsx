import { Download, File, FileArchive, FileSpreadsheet, FileText, FileType2, LoaderCircle, Music, Video, Image, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileSize, plainFileName } from '../../../lib/file-name'
import { saveMedia } from '../../../lib/inbox'
import type { Media } from '../../../lib/message-shapes'
import { useLocale } from '../use-locale'

function iconFor(kind: string, mimeType: string, name: string): LucideIcon {
  if (kind === 'image' || kind === 'sticker') return Image
  if (kind === 'video') return Video
  if (kind === 'audio') return Music
  if (/pdf|^text\//u.test(mimeType)) return FileText
  if (/sheet|excel|csv/u.test(mimeType)) return FileSpreadsheet
  if (/zip|compressed|x-tar|x-rar/u.test(mimeType)) return FileArchive
  if (/word|document|presentation|powerpoint/u.test(mimeType)) return FileType2
  return /\.(?:txt|md)$/iu.test(name) ? FileText : File
}

/** "PDF", "DOCX": the ending of the name, or what the type says. */
export function typeName(name: string, mimeType: string | null): string {
  const ending = /\.([a-z0-9]{1,5})$/iu.exec(name)?.[1]
  const part = mimeType?.split(';')[0]?.split('/')[1] ?? ''
  return (ending ?? (part.length <= 5 ? part : '')).toUpperCase()
}

export function FileLines({ kind, name, label, mimeType, size, note }: { kind: string; name: string; label: string; mimeType: string; size: number | null; note?: string }) {
  const locale = useLocale()
  const Icon = iconFor(kind, mimeType, name)
  const details = [typeName(name, mimeType), size === null ? '' : fileSize(size, locale), note ?? '']
  return (
    <>
      <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-current/8">
        <Icon aria-hidden className="size-5 opacity-80" />
      </span>
      <span className="min-w-0 flex-1 text-start text-sm leading-snug">
        <span className="line-clamp-2 font-medium wrap-anywhere">
          <bdi>{name || label}</bdi>
        </span>
        <span className="block text-xs opacity-75">
          {details.filter(Boolean).map((detail, index) => (
            <bdi key={index}>{index > 0 ? ` · ${detail}` : detail}</bdi>
          ))}
        </span>
      </span>
    </>
  )
}

/** A file that is downloaded, never opened: it may lie about what it is. */
export function FileCard({ media, kind, label, note }: { media: Media; kind: string; label: string; note?: string }) {
  const { t } = useTranslation('thread')
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle')
  const name = plainFileName(media.file_name)
  const save = () => {
    setState('busy')
    saveMedia(media, kind).then(
      () => setState('idle'),
      () => setState('failed'),
    )
  }
  return (
    <div className="mb-1 flex w-72 max-w-full items-center gap-3 rounded-lg bg-current/6 p-2.5">
      <FileLines kind={kind} name={name} label={label} mimeType={media.mime_type ?? ''} size={media.size} {...(state === 'failed' ? { note: t('media.not_loaded') } : note ? { note } : {})} />
      <button
        type="button"
        onClick={save}
        disabled={state === 'busy'}
        aria-label={t('media.download', { what: name || label })}
        title={t('action.download')}
        className="grid size-9 shrink-0 place-items-center rounded-full border border-current/20 hover:bg-current/8"
      >
        {state === 'busy' ? (
          <LoaderCircle aria-hidden className="size-4.5 animate-spin motion-reduce:animate-none" />
        ) : (
          <Download aria-hidden className="size-4.5" />
        )}
      </button>
    </div>
  )
}
