import { describe, expect, it } from 'vitest'

const files = import.meta.glob<Record<string, unknown>>('../src/locales/*/*.json', { eager: true, import: 'default' })
const namespaces = ['common', 'list', 'thread', 'templates', 'settings', 'connection', 'contacts']

/** Names of all strings, a plural's forms counting as one. */
function names(strings: unknown, path = ''): string[] {
  if (typeof strings === 'string') return [path.replace(/_(zero|one|two|few|many|other)$/, '')]
  return Object.entries(strings as object).flatMap(([name, value]) => names(value, `${path}.${name}`))
}
const namesIn = (code: string, namespace: string) =>
  [...new Set(names(files[`../src/locales/${code}/${namespace}.json`]))].sort()

describe.each(['es', 'pt', 'hi', 'ar'])('%s', (code) => {
  it.each(namespaces)('has all strings of %s and no others', (namespace) => {
    expect(namesIn(code, namespace)).toEqual(namesIn('en', namespace))
  })
})
