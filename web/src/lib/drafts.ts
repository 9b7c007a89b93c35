import { createSavedStore, type Store } from './store'

type AllDrafts = Readonly<Record<number, string>>

/** What was typed and not sent, per conversation. */
export interface Drafts {
  readonly all: Store<AllDrafts>
  set(conversationId: number, text: string): void
  clear(): void
  stop(): void
}

export function createDrafts(userId: string): Drafts {
  const key = `parley.drafts.${userId}`
  const all = createSavedStore<AllDrafts>(key, {}, isDrafts)
  // What was typed, or sent, in another tab: otherwise it would be sent once more from here.
  const onOtherTab = (event: StorageEvent) => {
    if (event.key !== key) return
    const drafts: unknown = JSON.parse(event.newValue ?? '{}')
    if (isDrafts(drafts)) all.set(drafts)
  }
  window.addEventListener('storage', onOtherTab)
  return {
    all,
    set(conversationId, text) {
      all.set((drafts) => {
        if ((drafts[conversationId] ?? '') === text) return drafts
        const { [conversationId]: _, ...others } = drafts
        return text === '' ? others : { ...others, [conversationId]: text }
      })
    },
    clear: () => all.set({}),
    stop: () => window.removeEventListener('storage', onOtherTab),
  }
}

function isDrafts(value: unknown): value is AllDrafts {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')
}
