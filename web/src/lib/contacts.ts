// A customer with all their identities.
import { queryOptions, skipToken } from '@tanstack/react-query'
import type { components } from './api.gen'
import { workspace } from './workspace'

export type Contact = components['schemas']['Contact']
export interface FoundContact {
  id: number
  name: string
  phone: string
}

const kPath = '/api/live-chat/contacts'

export function contactQuery(id: number | null) {
  return queryOptions({
    queryKey: ['contact', id] as const,
    staleTime: 0,
    queryFn: id === null ? skipToken : ({ signal }) => workspace().api.get<Contact>(`${kPath}/${id}`, {}, signal),
  })
}

export function searchContactsQuery(q: string) {
  return queryOptions({
    queryKey: ['contacts', q] as const,
    staleTime: 10_000,
    queryFn:
      q === ''
        ? skipToken
        : async ({ signal }) => (await workspace().api.get<{ contacts: FoundContact[] }>(kPath, { q, limit: 20 }, signal)).contacts,
  })
}

const again = () => workspace().queries.invalidateQueries({ queryKey: ['contact'] })

/** An empty name gives the profile's back. */
export async function renameContact(id: number, name: string): Promise<void> {
  await workspace().api.patch(`${kPath}/${id}`, { name })
  await again()
}

/** `other` goes into `id`. */
export async function mergeContacts(id: number, other: number): Promise<void> {
  await workspace().api.post(`${kPath}/${id}/merge`, { contact_id: other })
  await again()
}

export async function undoMerge(id: number, merge: number): Promise<void> {
  await workspace().api.post(`${kPath}/${id}/merges/${merge}/undo`)
  await again()
}

export async function setBlocked(id: number, blocked: boolean): Promise<void> {
  await workspace().api.post(`${kPath}/${id}/${blocked ? 'block' : 'unblock'}`)
  await again()
}
