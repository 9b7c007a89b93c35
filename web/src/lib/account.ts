// Who somebody is here: their accounts, the one that is shown, and what they may do in it.
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { components } from './api.gen'
import { createSavedStore } from './store'
import { workspace } from './workspace'

type Schemas = components['schemas']
export type Role = Schemas['Role']
export type Account = Schemas['Account']
export interface Me {
  user_id: string
  accounts: Account[]
  account_id: number
  role: Role
}

const isIdOrNull = (value: unknown): value is number | null => value === null || (typeof value === 'number' && Number.isSafeInteger(value))

/** The account that was chosen in this browser; null for the oldest membership. */
export const chosenAccount = createSavedStore<number | null>('parley.account', null, isIdOrNull)

/** Goes with every call of the API, so that it is about the chosen account. */
export function accountHeader(): Record<string, string> {
  const id = chosenAccount.get()
  return id === null ? {} : { 'X-Account-Id': String(id) }
}

/** Everything on the screen is of one account, so the page begins anew. */
export function switchAccount(id: number | null): void {
  chosenAccount.set(id)
  location.assign('/')
}

export function meQuery() {
  return queryOptions({
    queryKey: ['me'] as const,
    queryFn: ({ signal }) => workspace().api.get<Me>('/api/live-chat/me', {}, signal),
  })
}

/** undefined until it is known. */
export function useMe(): Me | undefined {
  return useQuery(meQuery()).data
}

/** Owners and admins set things up; agents answer customers. */
export function mayManage(role: Role | undefined): boolean {
  return role === 'owner' || role === 'admin'
}
