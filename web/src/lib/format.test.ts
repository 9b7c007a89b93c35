import { describe, expect, it } from 'vitest'
import { contactTitle, formatPhone, listTime } from './format'
import { colourOf, initials } from '../ui/avatar'

describe('times in the list', () => {
  const now = new Date(2026, 10, 23, 14, 3)
  const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).toISOString()
  it.each([
    [at(2026, 10, 23, 9, 5), '09:05'],
    [at(2026, 10, 22, 23, 59), 'Yesterday'],
    [at(2026, 10, 18, 0, 1), 'Wednesday'],
    [at(2026, 10, 16, 23, 0), '16 Nov'],
    [at(2025, 10, 23, 9, 5), '23 Nov 25'],
    [at(2026, 10, 23, 14, 4), '14:04'],
  ])('%s is %s', (iso, text) => expect(listTime(iso, now, 'en-GB')).toBe(text))

  it('speaks the language', () => {
    expect(listTime(at(2026, 10, 22), now, 'es')).toBe('Ayer')
    expect(listTime(at(2026, 10, 22), now, 'ar')).toBe('أمس')
  })
})

describe('numbers', () => {
  it.each([
    ['16505551234', '+1 650 555 1234'],
    ['5511987654321', '+55 11 98765 4321'],
    ['919812345678', '+91 98123 45678'],
    ['971501234567', '+971 501 234 567'],
    ['+44 20 7946 0958', '+44 20 7946 0958'],
    ['US.13491208655302741918', 'US.13491208655302741918'],
  ])('%s is shown as %s', (phone, text) => expect(formatPhone(phone)).toBe(text))

  it('stand in for a missing name', () => {
    expect(contactTitle({ customer_name: ' ', customer_phone: '16505551234' })).toBe('+1 650 555 1234')
  })
})

describe('avatars', () => {
  it.each([
    ['Maria Fernanda Souza', 'MS'],
    ['joão', 'J'],
    ['🌸 Ana', 'A'],
    ['محمد علي', 'مع'],
    ['+1 650', ''],
  ])('%s has the letters %s', (name, letters) => expect(initials(name)).toBe(letters))

  it('keep their colour', () => expect(colourOf(7)).toBe(colourOf('7')))
})
