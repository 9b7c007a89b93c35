import { expect, it } from 'vitest'
import { aConversation } from '../../../tests/builders'
import { duration, windowState } from './window'

const now = new Date('2026-11-23T10:00:00Z')

it.each([
  [null, 'unknown'],
  ['2026-11-24T09:00:00Z', 'open'],
  ['2026-11-23T12:00:00Z', 'open'],
  ['2026-11-23T11:59:59Z', 'closing'],
  ['2026-11-23T10:00:00Z', 'closed'],
  ['2026-11-01T10:00:00Z', 'closed'],
])('a window until %s is %s', (until, kind) => {
  expect(windowState(aConversation(1, { window_expires_at: until }), now).kind).toBe(kind)
})

it.each([
  [23 * 60 + 59, '23 hr'],
  [3 * 60, '3 hr'],
  [2 * 60 + 59, '2 hr 59 min'],
  [120, '2 hr'],
  [65, '1 hr 5 min'],
  [59, '59 min'],
  [0, '1 min'],
])('%i minutes are %s', (minutes, words) => {
  expect(duration(minutes * 60_000, 'en')).toBe(words)
})
