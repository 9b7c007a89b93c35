// Files of messages as the page shows them: fetched with the token, made small, kept for a while.
import type { Media } from './message-shapes'

/** A type that an <img>, <video> or <audio> may be given; everything else is only downloaded. */
const kShown = {
  image: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
  video: ['video/mp4', 'video/3gpp', 'video/webm'],
  audio: ['audio/ogg', 'audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/amr', 'audio/wav', 'audio/webm'],
}
export type ShownAs = keyof typeof kShown

/** The plain type of a file if it may be shown in that way, otherwise null. */
export function shownType(mimeType: string | null, as: ShownAs): string | null {
  const plain = (mimeType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  return kShown[as].includes(plain) ? plain : null
}

export interface Size {
  width: number
  height: number
}
/** A URL that stays good until it is released. */
export interface Held {
  url: string
  release(): void
}
export type Shape = 'small' | 'whole'

interface Kept {
  blob: Blob
  url: string
  users: number
}

const kMostBytes = 64 * 1024 * 1024
const kAtATime = 3
/** Twice what a bubble is wide, for fine screens. */
const kSmallSide = 720

/** What was fetched lately. What is on screen is never taken away. */
export class MediaShelf {
  /** Sizes of pictures that were seen, so that their frames are right at once. */
  readonly sizes = new Map<number, Size>()
  private readonly kept = new Map<string, Kept>()
  private readonly gate = createGate(kAtATime)
  private bytes = 0

  constructor(
    private readonly fetchFile: (path: string, signal?: AbortSignal) => Promise<Blob>,
    private readonly mostBytes = kMostBytes,
    private readonly shrink: typeof shrinkPicture = shrinkPicture,
  ) {}

  /** What is there already, without waiting. */
  grab(id: number, shape: Shape): Held | null {
    return this.hold(`${id}:${shape}`) ?? (shape === 'small' ? this.hold(`${id}:whole`) : null)
  }

  /** Its bytes as `type`, whatever they claim to be; small pictures are large enough for a bubble. */
  take(media: Media, as: ShownAs, shape: Shape, signal: AbortSignal): Promise<Held> {
    return this.gate(signal, async () => {
      const there = this.grab(media.id, shape)
      if (there) return there
      const type = shownType(media.mime_type, as)
      if (!type) throw new Error('Not a type that is shown.')
      const fetched = await this.fetchFile(media.url, signal)
      const whole = fetched.slice(0, fetched.size, type)
      if (shape === 'whole') return this.put(`${media.id}:whole`, whole)
      const { blob, ...size } = await this.shrink(whole, kSmallSide)
      this.sizes.set(media.id, size)
      return this.put(`${media.id}:small`, blob)
    })
  }

  /** A file that was sent from here, which need not come back from the server to be shown. */
  keep(id: number, file: Blob, size?: Size): void {
    if (size) this.sizes.set(id, size)
    this.put(`${id}:whole`, file).release()
  }

  /** Everything goes, even what is on screen: for signing out. */
  clear(): void {
    for (const { url } of this.kept.values()) URL.revokeObjectURL(url)
    this.kept.clear()
    this.bytes = 0
  }

  private hold(key: string): Held | null {
    const kept = this.kept.get(key)
    if (!kept) return null
    // The order of the map is the order of use.
    this.kept.delete(key)
    this.kept.set(key, kept)
    kept.users += 1
    let released = false
    return {
      url: kept.url,
      release: () => {
        if (released) return
        released = true
        kept.users -= 1
        this.tidy()
      },
    }
  }

  private put(key: string, blob: Blob): Held {
    if (!this.kept.has(key)) {
      this.kept.set(key, { blob, url: URL.createObjectURL(blob), users: 0 })
      this.bytes += blob.size
    }
    const held = this.hold(key)
    if (!held) throw new Error('It was just put there.')
    this.tidy()
    return held
  }

  private tidy(): void {
    for (const [key, { blob, url, users }] of this.kept) {
      if (this.bytes <= this.mostBytes) return
      if (users > 0) continue
      URL.revokeObjectURL(url)
      this.kept.delete(key)
      this.bytes -= blob.size
    }
  }
}

/** Lets only so many run at a time; what is given up before its turn never begins. */
export function createGate(most: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async function enter<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      signal.throwIfAborted()
      return await act()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

/** The picture with its longer side at most `side`; as it is when that makes no difference. Width and height are those
 *  of the original. */
export async function shrinkPicture(picture: Blob, side: number): Promise<Size & { blob: Blob }> {
  const bitmap = await createImageBitmap(picture)
  const { width, height } = bitmap
  const scale = side / Math.max(width, height)
  try {
    if (scale > 0.7 || picture.type === 'image/gif') return { blob: picture, width, height }
    const type = picture.type === 'image/jpeg' ? 'image/jpeg' : 'image/webp'
    return { blob: await drawn(bitmap, scale, type, 0.82), width, height }
  } finally {
    bitmap.close()
  }
}

export async function drawn(bitmap: ImageBitmap, scale: number, type: string, quality: number): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(bitmap.width * scale))
  canvas.height = Math.max(1, Math.round(bitmap.height * scale))
  const context = canvas.getContext('2d')
  if (!context) throw new Error('There is no canvas.')
  context.imageSmoothingQuality = 'high'
  if (type === 'image/jpeg') {
    context.fillStyle = '#ffffff'
    context.fillRect(0, 0, canvas.width, canvas.height)
  }
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be written.'))), type, quality),
  )
}

/** Gives a file to the browser's downloads. */
export function saveBlob(file: Blob, name: string): void {
  // As bytes without a type it is never opened as a page of ours.
  const url = URL.createObjectURL(file.slice(0, file.size, 'application/octet-stream'))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
