// What WhatsApp takes of each kind of file (Meta: "Media"), and what becomes of the rest.
import type { FileKind } from '../../lib/message-shapes'

const kMB = 1024 * 1024
export const kLongestCaption = 1024
/** Above this a voice message loses its play button: then it is sent as plain audio. */
export const kVoiceBytes = 512 * 1024

export const kLimits = { image: 5 * kMB, video: 16 * kMB, audio: 16 * kMB, document: 100 * kMB, sticker: 500 * 1024 } as const
const kTypes: Record<'image' | 'video' | 'audio', readonly string[]> = {
  image: ['image/jpeg', 'image/png'],
  video: ['video/mp4', 'video/3gpp'],
  audio: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
}
/** Names that browsers have for the same. */
const kAliases: Record<string, string> = {
  'image/jpg': 'image/jpeg',
  'audio/mp3': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4',
  'audio/m4a': 'audio/mp4',
  'audio/x-aac': 'audio/aac',
  'video/3gp': 'video/3gpp',
}

export type Kind = Exclude<FileKind, 'sticker'>
export type Verdict =
  | { kind: Kind; type: string }
  /** A picture that has to become a JPEG of at most 5 MB. */
  | { kind: 'image'; convert: true }
  | { problem: FileProblem; kind: Kind; asDocument: boolean }
export type FileProblem = 'empty' | 'too_large' | 'type'

/** What a file is sent as; `wanted` is what it was picked as. */
export function judge(file: { type: string; size: number }, wanted?: Kind): Verdict {
  const plain = file.type.split(';')[0]?.trim().toLowerCase() ?? ''
  const type = kAliases[plain] ?? plain
  const kind = wanted ?? kindOf(type)
  if (file.size === 0) return { problem: 'empty', kind, asDocument: false }
  if (kind === 'document') {
    return file.size > kLimits.document
      ? { problem: 'too_large', kind, asDocument: false }
      : { kind, type: type || 'application/octet-stream' }
  }
  const isTaken = kTypes[kind].includes(type)
  if (kind === 'image' && (!isTaken || file.size > kLimits.image)) return { kind, convert: true }
  const asDocument = file.size <= kLimits.document
  if (!isTaken) return { problem: 'type', kind, asDocument }
  if (file.size > kLimits[kind]) return { problem: 'too_large', kind, asDocument }
  return { kind, type }
}

function kindOf(type: string): Kind {
  const [family] = type.split('/')
  // A drawing of text is no picture to WhatsApp.
  if (type === 'image/svg+xml') return 'document'
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'document'
}

/** Whether WhatsApp shows words with such a file. */
export function takesCaption(kind: Kind): boolean {
  return kind !== 'audio'
}
