import { useRef } from 'react'

/** The last value there was, until it is not needed any more or `key` changes: what failed stays said while it is
 *  tried again. */
export function useKept<T>(value: T | null, isNeeded: boolean, key: unknown = null): T | null {
  const kept = useRef<{ key: unknown; value: T | null }>({ key, value: null })
  if (!isNeeded || kept.current.key !== key) kept.current = { key, value: null }
  if (isNeeded && value !== null) kept.current.value = value
  return kept.current.value
}
