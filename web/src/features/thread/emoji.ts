const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
// Flags, keycaps, and pictures that are shown as such: © and ™ are pictographs for Unicode, but text to people.
const emoji = /^(?:\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3|\p{Emoji_Presentation}.*|\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}).*|\u2764)$/su

/** How many emoji the text consists of; 0 when there is anything else in it, or more than three. */
export function countEmojiOnly(text: string): number {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > 120) return 0
  let count = 0
  for (const { segment } of segmenter.segment(trimmed)) {
    if (/^\s+$/u.test(segment)) continue
    if (!emoji.test(segment)) return 0
    count += 1
    if (count > 3) return 0
  }
  return count
}

/** In colour even where a text font has outlines for some of them. */
export const kEmojiFont = "[font-family:'Apple_Color_Emoji','Segoe_UI_Emoji','Noto_Color_Emoji',sans-serif]"
