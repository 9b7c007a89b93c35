import { expect, it } from 'vitest'
import { titleOf } from './words'

const identities = [
  { kind: 'user_id' as const, value: 'US.1' },
  { kind: 'username' as const, value: 'ana.souza' },
]

it.each([
  [{ name: 'Ana', profile_name: 'A.', identities }, 'Ana'],
  [{ name: ' ', profile_name: 'A.', identities }, 'A.'],
  [{ name: '', profile_name: '', identities: [...identities, { kind: 'wa_id' as const, value: '16505551234' }] }, '+1 650 555 1234'],
  [{ name: '', profile_name: '', identities }, '@ana.souza'],
  [{ name: '', profile_name: '', identities: identities.slice(0, 1) }, 'US.1'],
  [{ name: '', profile_name: '', identities: [] }, ''],
])('%j', (contact, title) => {
  expect(titleOf(contact)).toBe(title)
})
