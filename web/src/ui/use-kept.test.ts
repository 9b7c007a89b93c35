import { renderHook } from '@testing-library/react'
import { expect, it } from 'vitest'
import { useKept } from './use-kept'

it('keeps what failed while it is tried again, and forgets it then', () => {
  const { result, rerender } = renderHook(({ value, isNeeded, key }) => useKept(value, isNeeded, key), {
    initialProps: { value: null as string | null, isNeeded: true, key: 'a' },
  })
  expect(result.current).toBeNull()
  rerender({ value: 'failed', isNeeded: true, key: 'a' })
  rerender({ value: null, isNeeded: true, key: 'a' })
  expect(result.current).toBe('failed')
  rerender({ value: null, isNeeded: true, key: 'b' })
  expect(result.current).toBeNull()
  rerender({ value: 'failed', isNeeded: true, key: 'b' })
  rerender({ value: null, isNeeded: false, key: 'b' })
  rerender({ value: null, isNeeded: true, key: 'b' })
  expect(result.current).toBeNull()
})
