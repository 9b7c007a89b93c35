import { describe, expect, it } from 'vitest'
import { aConversation, minute } from '../../../tests/builders'
import { keepOrder } from '../../features/list/use-steady-order'
import { flattenConversations, matchesFilter, placeConversation } from './lists'

const all = { phoneNumberId: null, unread: false, q: '' }
const pages = (...ids: number[][]) => ({
  pages: ids.map((page, index) => ({
    conversations: page.map((id) => aConversation(id)),
    next_cursor: index === ids.length - 1 ? null : 'more',
  })),
  pageParams: ids.map(() => null),
})
const ids = (list: Parameters<typeof flattenConversations>[0]) => flattenConversations(list).map(({ id }) => id)

describe('placing a conversation in a loaded list', () => {
  it('moves one with a new message to the top, across pages', () => {
    const moved = placeConversation(pages([9, 8], [7, 6]), aConversation(6, { last_message_at: minute(30) }), all)
    expect(ids(moved)).toEqual([6, 9, 8, 7])
  })

  it('puts one that came late where its time says', () => {
    expect(ids(placeConversation(pages([9, 7], [5]), aConversation(6), all))).toEqual([9, 7, 6, 5])
    expect(ids(placeConversation(pages([9, 7], [5]), aConversation(3), all))).toEqual([9, 7, 5, 3])
  })

  it('leaves out what belongs behind the last loaded page', () => {
    const list = pages([9, 8])
    list.pages[0]!.next_cursor = 'more'
    expect(ids(placeConversation(list, aConversation(2), all))).toEqual([9, 8])
  })

  it('orders by id when the times are the same', () => {
    const same = { last_message_at: minute(9) }
    expect(ids(placeConversation(pages([9, 8]), aConversation(10, same), all))).toEqual([10, 9, 8])
  })

  it('shows a number and a search only what matches', () => {
    const ofNumber = { ...all, phoneNumberId: 'n2' }
    expect(ids(placeConversation(pages([9]), aConversation(10), ofNumber))).toEqual([9])
    expect(matchesFilter(aConversation(1, { customer_name: 'María José' }), { ...all, q: ' maría' })).toBe(true)
    expect(matchesFilter(aConversation(1, { customer_phone: '5511987' }), { ...all, q: '1198' })).toBe(true)
    expect(matchesFilter(aConversation(1), { ...all, q: 'nobody' })).toBe(false)
  })

  it('takes unread ones into the unread list and keeps one that was just read', () => {
    const unread = { ...all, unread: true }
    const grown = placeConversation(pages([9]), aConversation(10, { unread_count: 1 }), unread)
    expect(ids(grown)).toEqual([10, 9])
    expect(ids(placeConversation(grown, aConversation(10), unread))).toEqual([10, 9])
    expect(ids(placeConversation(pages([9]), aConversation(10), unread))).toEqual([9])
  })
})

describe('a list under the pointer', () => {
  const rows = (...numbers: number[]) => numbers.map((id) => aConversation(id))
  it('keeps its order, lets new ones wait and pages grow', () => {
    expect(keepOrder(rows(7, 99, 9, 8, 5), [9, 8, 7]).map(({ id }) => id)).toEqual([9, 8, 7, 5])
    expect(keepOrder(rows(9, 8, 7, 6, 5), [9, 8, 7]).map(({ id }) => id)).toEqual([9, 8, 7, 6, 5])
    expect(keepOrder(rows(9, 7), [9, 8, 7]).map(({ id }) => id)).toEqual([9, 7])
  })
})
