export const kLongestMessage = 4096
export const kCountFrom = 3500

/** Length as the server and WhatsApp count it: in code points. */
export function lengthOf(text: string): number {
  // Never more code points than code units: short texts need no counting.
  if (text.length < kCountFrom) return text.length
  let count = 0
  for (const _ of text) count += 1
  return count
}
