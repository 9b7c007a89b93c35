// One line of what a message says: for the list, for quotes and for notifications.
import { parseMarkup, plainText } from './markup'

// What the server writes in English in place of, or before, what cannot be shown as text. Pages say the kind in their
// own language.
const kServerWords: Record<string, RegExp> = {
  image: /^Image$/u,
  video: /^Video$/u,
  audio: /^(?:Audio|Voice message)$/u,
  sticker: /^Sticker$/u,
  document: /^Document(?:: |$)/u,
  location: /^Location(?:: |$)/u,
  contacts: /^Contacts?(?:: |$)/u,
  order: /^Order: \d+ items?(?:\. |$)/u,
  interactive: /^Form answered(?:: |$)/u,
}
const kUnsupported = /^Unsupported message(?: \(.*\))?$/u

/** The text of a message of this type without markup; empty when the name of its kind says it all. */
export function excerptOf(type: string | null, text: string): string {
  const said = text.replace(kServerWords[type ?? ''] ?? kUnsupported, '')
  return plainText(parseMarkup(said.slice(0, 300))).trim()
}

/** `voice` for voice messages, of which lists know the type `audio` only; otherwise the type. */
export function kindInList(type: string, text: string): string {
  return type === 'audio' && text === 'Voice message' ? 'voice' : type
}
