export const kLongestMessage = 4096
/** The count is shown from this share of the limit on. */
export const kCountFrom = 3500 / 4096

/** Length as the server and WhatsApp count it: in code points. */
export function lengthOf(text: string): number {
  // Never more code points than code units: short texts need no counting.
  if (text.length < 800) return text.length
  let count = 0
  for (const _ of text) count += 1
  return count
}
