// Pictures that WhatsApp would not take become JPEGs that it does.
import { drawn, type Size } from '../../lib/media'
import { kLimits } from './limits'

const kLongestSide = 4096
const kTries = [
  { side: kLongestSide, quality: 0.9 },
  { side: kLongestSide, quality: 0.8 },
  { side: 2560, quality: 0.8 },
  { side: 1600, quality: 0.75 },
]

/** A JPEG within WhatsApp's limit. Rejected when this browser cannot read the picture. */
export async function toJpeg(file: File): Promise<{ file: File; natural: Size; scaled: boolean }> {
  const bitmap = await createImageBitmap(file)
  try {
    for (const { side, quality } of kTries) {
      const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height))
      const blob = await drawn(bitmap, scale, 'image/jpeg', quality)
      if (blob.size > kLimits.image) continue
      const name = `${file.name.replace(/\.[^.]*$/u, '') || 'image'}.jpg`
      const natural = { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) }
      return { file: new File([blob], name, { type: 'image/jpeg' }), natural, scaled: scale < 1 }
    }
    throw new Error('It stays too large.')
  } finally {
    bitmap.close()
  }
}

export async function sizeOf(picture: Blob): Promise<Size> {
  const bitmap = await createImageBitmap(picture)
  const { width, height } = bitmap
  bitmap.close()
  return { width, height }
}
