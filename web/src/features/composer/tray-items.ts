// Files that are about to be sent, per conversation; they survive looking at another one.
import type { Size } from '../../lib/media'
import { newClientId } from '../../lib/outbox'
import type { ToSend } from '../../lib/outbox'
import { createStore, useStore, type Store } from '../../lib/store'
import { workspace, type Workspace } from '../../lib/workspace'
import { judge, kVoiceBytes, takesCaption, type FileProblem, type Kind } from './limits'
import { sizeOf, toJpeg } from './pictures'

export interface TrayItem {
  key: string
  /** What will be sent; what was picked as long as it is being prepared or cannot be sent. */
  file: File
  kind: Kind
  caption: string
  voice: boolean
  state: 'preparing' | 'ready' | 'refused'
  /** What had to be done to it. */
  change?: 'converted' | 'scaled'
  natural?: Size
  problem?: FileProblem | 'unreadable'
  asDocument?: boolean
}

export class Tray {
  readonly items: Store<readonly TrayItem[]> = createStore<readonly TrayItem[]>([])

  add(files: readonly File[], wanted?: Kind): void {
    for (const file of files) void this.take({ key: newClientId(), caption: '' }, file, wanted)
  }

  addVoice(file: File): void {
    const voice = file.size <= kVoiceBytes && file.type.startsWith('audio/ogg')
    this.put({ key: newClientId(), file, kind: 'audio', caption: '', voice, state: 'ready' })
  }

  /** The way out for what is too large, or of a type that WhatsApp does not show. */
  sendAsDocument(key: string): void {
    const item = this.items.get().find((one) => one.key === key)
    if (item) void this.take(item, item.file, 'document')
  }

  caption(key: string, caption: string): void {
    this.change(key, { caption })
  }

  remove(key: string): void {
    this.items.set((items) => items.filter((item) => item.key !== key))
  }

  /** Puts it one place further towards the beginning (-1) or the end (1). */
  move(key: string, step: 1 | -1): void {
    this.items.set((items) => {
      const at = items.findIndex((item) => item.key === key)
      const other = items[at + step]
      const item = items[at]
      return item && other ? items.with(at, other).with(at + step, item) : items
    })
  }

  clear(): void {
    this.items.set([])
  }

  private async take({ key, caption }: Pick<TrayItem, 'key' | 'caption'>, file: File, wanted?: Kind): Promise<void> {
    const verdict = judge(file, wanted)
    const item = { key, caption, file, kind: verdict.kind, voice: false }
    if ('problem' in verdict) return this.put({ ...item, state: 'refused', problem: verdict.problem, asDocument: verdict.asDocument })
    if (verdict.kind !== 'image') {
      const typed = 'type' in verdict && verdict.type !== file.type ? new File([file], file.name, { type: verdict.type }) : file
      return this.put({ ...item, file: typed, state: 'ready' })
    }
    this.put({ ...item, state: 'preparing' })
    try {
      if ('convert' in verdict) {
        const { file: jpeg, natural, scaled } = await toJpeg(file)
        this.change(key, { file: jpeg, natural, state: 'ready', change: scaled ? 'scaled' : 'converted' })
      } else {
        this.change(key, { natural: await sizeOf(file), state: 'ready' })
      }
    } catch {
      this.change(key, { state: 'refused', problem: 'unreadable', asDocument: true })
    }
  }

  private put(item: TrayItem): void {
    this.items.set((items) => {
      const at = items.findIndex(({ key }) => key === item.key)
      return at < 0 ? [...items, item] : items.with(at, item)
    })
  }

  private change(key: string, changes: Partial<TrayItem>): void {
    this.items.set((items) => items.map((item) => (item.key === key ? { ...item, ...changes } : item)))
  }
}

/** The messages of a tray in order. What was typed becomes the caption of the first file, or a message of its own when
 *  that file takes none. */
export function messagesOf(items: readonly TrayItem[], typed: string): ToSend[] {
  const files = items.map((item, index): ToSend => {
    const { file, kind, voice, natural } = item
    const caption = index === 0 ? typed : item.caption.trim()
    return {
      ...(takesCaption(kind) && caption !== '' ? { text: caption } : {}),
      file: { kind, name: file.name, size: file.size, mimeType: file.type, voice, bytes: file, ...(natural ? { natural } : {}) },
    }
  })
  const [first] = items
  return first && !takesCaption(first.kind) && typed !== '' ? [...files, { text: typed }] : files
}

const trays = new WeakMap<Workspace, Map<number, Tray>>()

export function trayOf(conversationId: number): Tray {
  const opened = workspace()
  const all = trays.get(opened) ?? new Map<number, Tray>()
  trays.set(opened, all)
  const tray = all.get(conversationId) ?? new Tray()
  all.set(conversationId, tray)
  return tray
}

export const useTrayItems = (tray: Tray) => useStore(tray.items)
