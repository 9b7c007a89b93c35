import { createSavedStore, type Store } from './store'

type AllDrafts = Readonly<Record<number, string>>

/** What was typed and not sent, per conversation. */
export interface Drafts {
  readonly all: Store<AllDrafts>
  set(conversationId: number, text: string): void
  clear(): void
}

export function createDrafts(userId: string): Drafts {
  const all = createSavedStore<AllDrafts>(`parley.drafts.${userId}`, {}, isDrafts)
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
  }
}

function isDrafts(value: unknown): value is AllDrafts {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string')
}
