import { expect, it } from 'vitest'
import ar from '../../locales/ar/thread.json'
import en from '../../locales/en/thread.json'
import es from '../../locales/es/thread.json'
import hi from '../../locales/hi/thread.json'
import pt from '../../locales/pt/thread.json'
import { adviceKey, canHelpToRetry } from './advice'

it.each([
  [131047, 'window'],
  [131026, 'undeliverable'],
  [131056, 'pace'],
  [190, 'token'],
  [131053, 'media'],
  [200, 'permission'],
  [299, 'permission'],
  [300, null],
  [987654, null],
])('error %i is advised by %s', (code, key) => {
  expect(adviceKey(code)).toBe(key)
})

it('has a text for every code in every language', () => {
  for (let code = 0; code < 140_000; code += 1) {
    const key = adviceKey(code)
    if (key === null) continue
    for (const texts of [en, es, pt, hi, ar]) expect(texts.advice).toHaveProperty(key)
  }
})

it('does not offer to retry what cannot help', () => {
  expect(canHelpToRetry(131047)).toBe(false)
  expect(canHelpToRetry(131056)).toBe(true)
  expect(canHelpToRetry(undefined)).toBe(true)
})

it('says the same things in every language', () => {
  const names = (value: object, path = ''): string[] =>
    Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
      typeof inner === 'object' && inner !== null
        ? names(inner, `${path}${name}.`)
        : [`${path}${name.replace(/_(zero|one|two|few|many|other)$/u, '')}`],
    )
  const english = new Set(names(en))
  for (const texts of [es, pt, hi, ar]) expect(new Set(names(texts))).toEqual(english)
})
