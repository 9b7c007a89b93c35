import { expect, it } from 'vitest'
import { excerptOf, kindInList } from './excerpt'

it.each([
  ['text', '*Hello* _there_ ~old~ `code`', 'Hello there old code'],
  ['text', 'Image', 'Image'],
  ['image', 'Image', ''],
  ['image', 'Look at the *box*', 'Look at the box'],
  ['audio', 'Voice message', ''],
  ['document', 'Document: receipt.pdf', 'receipt.pdf'],
  ['document', 'Document', ''],
  ['location', 'Location: Philz Coffee, 101 Forest Ave', 'Philz Coffee, 101 Forest Ave'],
  ['contacts', 'Contacts: Ana, Ben', 'Ana, Ben'],
  ['order', 'Order: 2 items', ''],
  ['order', 'Order: 1 item. Please hurry', 'Please hurry'],
  ['interactive', 'Yes, please', 'Yes, please'],
  ['unsupported', 'Unsupported message (poll_creation)', ''],
  ['poll', 'Unsupported message (poll)', ''],
  [null, '', ''],
])('%s "%s" is shown as "%s"', (type, text, shown) => {
  expect(excerptOf(type, text)).toBe(shown)
})

it('knows a voice message by its summary', () => {
  expect(kindInList('audio', 'Voice message')).toBe('voice')
  expect(kindInList('audio', 'Audio')).toBe('audio')
})
