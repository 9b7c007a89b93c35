import { useSyncExternalStore } from 'react'

/** A value that changes and tells so; what lies outside the query cache is kept in these. */
export interface Store<T> {
  get(): T
  set(next: T | ((now: T) => T)): void
  subscribe(listener: () => void): () => void
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      const changed = typeof next === 'function' ? (next as (now: T) => T)(value) : next
      if (Object.is(changed, value)) return
      value = changed
      for (const listener of [...listeners]) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}

/** A store whose value is remembered in this browser. */
export function createSavedStore<T>(key: string, initial: T, isValid: (value: unknown) => value is T): Store<T> {
  const store = createStore(initial)
  try {
    const saved: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    if (isValid(saved)) store.set(saved)
  } catch {
    // Unreadable or forbidden storage: the initial value will do.
  }
  store.subscribe(() => {
    try {
      localStorage.setItem(key, JSON.stringify(store.get()))
    } catch {
      // Full or forbidden storage: remembered for this page only.
    }
  })
  return store
}
