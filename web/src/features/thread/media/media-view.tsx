import { CloudAlert } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { plainFileName } from '../../../lib/file-name'
import { problemOf, type ThreadMessage } from '../../../lib/inbox'
import { shownType } from '../../../lib/media'
import type { FileKind, Media } from '../../../lib/message-shapes'
import type { SentFile } from '../../../lib/outbox'
import type { BubbleActions } from '../bubble-problem'
import { contentOf } from '../payload'
import { FileCard, FileLines } from './file-card'
import { Film } from './film'
import { Frame, Picture, SentPicture, StickerPicture, Uploading } from './picture'
import { Shimmer } from './shimmer'
import { SentSound, Sound } from './sound'

/** How a stored file is shown: by what its bytes are, not by what the message says. */
export function shownAs(media: Media, kind: string): FileKind {
  if (!media.inline) return 'document'
  if (kind === 'sticker' && shownType(media.mime_type, 'image')) return 'sticker'
  if (kind === 'image' && shownType(media.mime_type, 'image')) return 'image'
  if (kind === 'video' && shownType(media.mime_type, 'video')) return 'video'
  if (kind === 'audio' && shownType(media.mime_type, 'audio')) return 'audio'
  return 'document'
}

/** The file of a message in whatever state it is. `kind` is what it was sent as. */
export function MediaView({ message, kind, label, actions }: { message: ThreadMessage; kind: string; label: string; actions: BubbleActions }) {
  const { media, local } = message
  if (local?.file) {
    return (
      <>
        <Sent clientId={local.clientId} file={local.file} label={label} />
        <Uploading message={message} onCancel={() => actions.discard(local.clientId)} />
      </>
    )
  }
  if (!media) return null
  if (media.state === 'announced') return <Announced media={media} kind={kind} label={label} />
  if (media.state === 'failed') return <Failed message={message} media={media} label={label} actions={actions} />
  switch (shownAs(media, kind)) {
    case 'image':
      return <Picture media={media} label={label} onOpen={() => actions.view(message)} />
    case 'sticker':
      return <StickerPicture media={media} label={label} />
    case 'video':
      return <Film media={media} label={label} />
    case 'audio':
      // Of an upload only its message says that it is a voice message.
      return <Sound media={media} isVoice={media.voice || contentOf(message).voice === true} label={label} />
    default:
      return <FileCard media={media} kind={kind} label={label} />
  }
}

function Sent({ clientId, file, label }: { clientId: string; file: SentFile; label: string }) {
  if (file.kind === 'audio') return <SentSound clientId={clientId} isVoice={file.voice} name={plainFileName(file.name)} label={label} />
  if (file.kind === 'document') {
    return (
      <div className="mb-1 flex w-72 max-w-full items-center gap-3 rounded-lg bg-current/6 p-2.5">
        <FileLines kind={file.kind} name={plainFileName(file.name)} label={label} mimeType={file.mimeType} size={file.size} />
      </div>
    )
  }
  return <SentPicture clientId={clientId} file={file} label={label} />
}

function Announced({ media, kind, label }: { media: Media; kind: string; label: string }) {
  const { t } = useTranslation('thread')
  // It may be known already why this takes long.
  const words = [t('media.announced', { what: plainFileName(media.file_name) || label }), useReason(media)].filter(Boolean).join(' ')
  if (kind === 'image' || kind === 'video') {
    return (
      <Frame size={kind === 'video' ? { width: 320, height: 200 } : null}>
        <Shimmer label={words} />
      </Frame>
    )
  }
  const box = kind === 'sticker' ? 'size-40' : media.problem ? 'h-24 w-72' : kind === 'audio' ? 'h-12 w-72' : 'h-15 w-72'
  return (
    <div className={`relative mb-1 max-w-full overflow-hidden rounded-lg bg-current/6 ${box}`}>
      <Shimmer label={words} />
    </div>
  )
}

/** Problems of fetching that have words of their own; the server's are shown for all others. */
const kProblems = new Set(['expired', 'refused', 'mismatch', 'unavailable', 'no_token', 'disk'])

function useReason({ problem }: Media): string {
  const { t } = useTranslation('thread')
  if (!problem) return ''
  return kProblems.has(problem.code) ? t(`media.problem.${problem.code}`) : problem.detail
}

function Failed({ message, media, label, actions }: { message: ThreadMessage; media: Media; label: string; actions: BubbleActions }) {
  const { t } = useTranslation('thread')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const why = useReason(media) || t('media.not_loaded')
  const retry = () => {
    setBusy(true)
    setProblem('')
    actions
      .refetchMedia(message)
      .catch((cause: unknown) => setProblem(problemOf(cause).detail || t('action.went_wrong')))
      .finally(() => setBusy(false))
  }
  return (
    <div className="mb-1 flex w-72 max-w-full items-start gap-3 rounded-lg bg-current/6 p-2.5 text-sm leading-snug">
      <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-current/8">
        <CloudAlert aria-hidden className="size-5 text-warn" />
      </span>
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p className="font-medium">
          <bdi>{plainFileName(media.file_name) || label}</bdi>
        </p>
        <p className="text-xs opacity-80">{why}</p>
        {problem && (
          <p role="alert" className="text-xs font-medium">
            {problem}
          </p>
        )}
        <button type="button" onClick={retry} disabled={busy} className="mt-1 min-h-7 rounded-md text-xs font-medium text-accent hover:underline disabled:opacity-50">
          {t('action.try_again')}
        </button>
      </div>
    </div>
  )
}
