// How large a picture or film stands in a bubble, in CSS pixels.
import type { Size } from '../../../lib/media'

const kWidest = 300
const kTallest = 360
const kNarrowest = 140
/** As long as nobody knows: the shape of most photos. */
const kUnknown: Size = { width: 300, height: 225 }

/** Never taller or wider than its room, never so thin that it cannot be pressed; what stands out is cut. */
export function frameOf(size: Size | null): Size {
  if (!size || size.width <= 0 || size.height <= 0) return kUnknown
  const ratio = Math.min(2.4, Math.max(0.5, size.width / size.height))
  const width = Math.max(kNarrowest, Math.min(kWidest, size.width, kTallest * ratio))
  return { width: Math.round(width), height: Math.round(width / ratio) }
}
