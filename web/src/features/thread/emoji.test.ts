import { expect, it } from 'vitest'
import { countEmojiOnly } from './emoji'

it.each([
  ['😀', 1],
  ['😀😀😀', 3],
  ['😀 😀', 2],
  ['👩‍👩‍👧‍👦', 1],
  ['👍🏽', 1],
  ['🇧🇷🇮🇳', 2],
  ['❤️', 1],
  ['❤', 1],
  ['1️⃣', 1],
  ['😀😀😀😀', 0],
  ['😀a', 0],
  ['1', 0],
  ['©', 0],
  ['#', 0],
  ['', 0],
  ['  ', 0],
  ['Thanks 😀', 0],
])('%s counts %i', (text, count) => {
  expect(countEmojiOnly(text)).toBe(count)
})
