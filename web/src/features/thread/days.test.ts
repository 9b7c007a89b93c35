import { describe, expect, it } from 'vitest'
import { dayLabel, firstUnread, rowsOf, type MessageRow } from './days'
import { aMessage, ours } from './testing'

function at(id: number, local: string, over = {}) {
  return aMessage({ id, created_at: new Date(local).toISOString(), ...over })
}
function groups(rows: ReturnType<typeof rowsOf>) {
  return rows
    .filter((row): row is MessageRow => row.kind === 'message')
    .map(({ first, last }) => `${first ? 'first' : ''}${last ? 'last' : ''}` || 'middle')
}

describe('rows', () => {
  it('begin a day with its separator', () => {
    const rows = rowsOf([at(1, '2026-11-22T23:59:50'), at(2, '2026-11-23T00:00:10'), at(3, '2026-11-23T09:00:00')], null, false)
    expect(rows.map((row) => row.kind)).toEqual(['day', 'message', 'day', 'message', 'message'])
  })

  it('group one sender within a minute', () => {
    const rows = rowsOf(
      [
        at(1, '2026-11-23T09:00:00'),
        at(2, '2026-11-23T09:00:20'),
        at(3, '2026-11-23T09:00:40'),
        at(4, '2026-11-23T09:05:00'),
        ours({ id: 5, created_at: new Date('2026-11-23T09:05:01').toISOString() }),
      ],
      null,
      false,
    )
    expect(groups(rows)).toEqual(['first', 'middle', 'last', 'firstlast', 'firstlast'])
  })

  it('keep the members of a group apart', () => {
    const from = (id: number, number: string) => at(id, '2026-11-23T09:00:00', { payload: { from: number, group_id: 'G' } })
    expect(groups(rowsOf([from(1, '1'), from(2, '1'), from(3, '2')], null, false))).toEqual(['first', 'last', 'firstlast'])
  })

  it('have keys of their own that stay when older messages come', () => {
    const later = [at(2, '2026-11-23T09:00:00'), at(3, '2026-11-23T09:10:00')]
    const before = rowsOf(later, null, true).map((row) => row.key)
    const after = rowsOf([at(1, '2026-11-23T08:00:00'), ...later], null, false).map((row) => row.key)
    expect(new Set(after).size).toBe(after.length)
    expect(before).toEqual(['2', '3'])
    expect(after.slice(1)).toEqual(['1', ...before])
  })

  it('keep the key of what was sent when the server answers', () => {
    const mine = ours({ id: -1, client_message_id: 'c1', local: { clientId: 'c1', state: 'sending' } })
    const theirs = ours({ id: 9, client_message_id: 'c1' })
    expect(rowsOf([mine], null, false).at(-1)?.key).toBe(rowsOf([theirs], null, false).at(-1)?.key)
  })
})

describe('the unread divider', () => {
  const messages = [at(1, '2026-11-23T09:00:00'), ours({ id: 2 }), at(3, '2026-11-23T09:01:00'), at(4, '2026-11-23T09:01:10')]
  it('stands before the first unread message', () => {
    const divider = firstUnread(messages, 2)
    expect(divider).toEqual({ from: '3', count: 2 })
    const kinds = rowsOf(messages, divider, false).map((row) => row.kind)
    expect(kinds.indexOf('unread')).toBe(kinds.length - 3)
  })
  it('is absent when all is read, and at the oldest when not all are loaded', () => {
    expect(firstUnread(messages, 0)).toBeNull()
    expect(firstUnread(messages, 90)).toEqual({ from: '1', count: 90 })
  })
})

describe('day labels', () => {
  const now = new Date('2026-11-23T00:30:00')
  const label = (local: string) => dayLabel(new Date(local), now, 'en', { today: 'Today', yesterday: 'Yesterday' })
  it.each([
    ['2026-11-23T00:10:00', 'Today'],
    ['2026-11-22T00:10:00', 'Yesterday'],
    ['2026-11-19T12:00:00', 'Thursday'],
    ['2026-11-02T12:00:00', 'Monday, November 2'],
    ['2025-12-31T12:00:00', 'December 31, 2025'],
  ])('%s is %s', (local, words) => {
    expect(label(local)).toBe(words)
  })
})
