import { afterEach, expect, it } from 'vitest'
import { closePage, openConversation, openConversationId, openPath, pageAt } from './router'

afterEach(() => openPath('/'))

it.each([
  ['/', null],
  ['/c/5', null],
  ['/settings', { name: 'settings', tab: 'numbers' }],
  ['/settings/members', { name: 'settings', tab: 'members' }],
  ['/settings/account/', { name: 'settings', tab: 'account' }],
  ['/settings/elsewhere', null],
  ['/connection', { name: 'connection' }],
  ['/connection/deliveries', { name: 'deliveries', id: null }],
  ['/connection/deliveries/12', { name: 'deliveries', id: 12 }],
  ['/connection/deliveries/x', null],
  ['/contacts/7', { name: 'contact', id: 7 }],
  ['/contacts/0', null],
])('%s', (path, page) => {
  expect(pageAt(path)).toEqual(page)
})

it('leads from pages back to where the inbox was left', () => {
  openConversation(5)
  openPath('/settings/numbers')
  openPath('/settings/members')
  closePage()
  expect(openConversationId(location.pathname)).toBe(5)
})
