// What owners and admins set up: business numbers, members, the account itself.
import { queryOptions } from '@tanstack/react-query'
import type { Account, Role } from './account'
import type { components } from './api.gen'
import { workspace } from './workspace'

type Schemas = components['schemas']
export type NumberSettings = Schemas['NumberSettings']
/** Whether something secret is set; its value is never shown again. */
export type CredentialSource = NumberSettings['token']
export type ReadReceipts = NumberSettings['read_receipts']
export type CheckStep = Schemas['CheckSteps'][number]
export type Member = Schemas['Member']
export interface NewNumber {
  phone_number_id: string
  waba_id: string
  token?: string
  app_secret?: string
  verify_token?: string
  name?: string
  save?: 'anyway'
}
/** Absent: stays as it is; a secret that is null is taken away. */
export interface NumberChanges {
  name?: string
  token?: string | null
  app_secret?: string | null
  verify_token?: string | null
  read_receipts?: ReadReceipts
  send_typing?: boolean
}
const kNumbers = '/api/live-chat/settings/numbers'
const kMembers = '/api/live-chat/settings/members'
const at = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`
const again = (...keys: string[]) =>
  Promise.all(keys.map((key) => workspace().queries.invalidateQueries({ queryKey: [key] })))

/** Nothing tells of changes by others, so what is shown is asked for anew each time. */
export function numberSettingsQuery() {
  return queryOptions({
    queryKey: ['number-settings'] as const,
    staleTime: 0,
    queryFn: async ({ signal }) =>
      (await workspace().api.get<{ numbers: NumberSettings[] }>(kNumbers, {}, signal)).numbers,
  })
}

/** `number` is null when nothing was saved, because Meta does not know the number. */
export async function addNumber(wish: NewNumber): Promise<{ saved: boolean; number: NumberSettings | null; steps: CheckStep[] }> {
  const answer = await workspace().api.post<{ saved: boolean; number: NumberSettings | null; steps: CheckStep[] }>(kNumbers, wish)
  if (answer.saved) await again('number-settings', 'phone-numbers', 'connection')
  return answer
}

/** What is no secret shows at once, and goes back when it is refused. */
export async function changeNumber(id: string, changes: NumberChanges): Promise<void> {
  const { token: _, app_secret: __, verify_token: ___, ...shown } = changes
  workspace().queries.setQueryData(numberSettingsQuery().queryKey, (numbers) =>
    numbers?.map((number) => (number.phone_number_id === id ? { ...number, ...shown } : number)),
  )
  try {
    await workspace().api.patch(at(kNumbers, id), changes)
  } finally {
    await again('number-settings', 'phone-numbers', 'connection')
  }
}

/** One with conversations is retired: its threads stay readable. */
export async function removeNumber(id: string): Promise<'removed' | 'retired'> {
  const { result } = await workspace().api.remove<{ result: 'removed' | 'retired' }>(at(kNumbers, id))
  await again('number-settings', 'phone-numbers', 'connection')
  return result
}

export async function checkNumber(id: string): Promise<CheckStep[]> {
  return (await workspace().api.post<{ steps: CheckStep[] }>(`${at(kNumbers, id)}/check`)).steps
}

export async function subscribeNumber(id: string): Promise<CheckStep[]> {
  return (await workspace().api.post<{ steps: CheckStep[] }>(`${at(kNumbers, id)}/subscribe`)).steps
}

export function membersQuery() {
  return queryOptions({
    queryKey: ['members'] as const,
    staleTime: 0,
    queryFn: async ({ signal }) => (await workspace().api.get<{ members: Member[] }>(kMembers, {}, signal)).members,
  })
}

/** `password` is one that was made up, told only now. */
export async function addMember(wish: { email: string; role: Role } | { user_id: string; role: Role }): Promise<{ member: Member; password: string | null }> {
  const answer = await workspace().api.post<{ member: Member; password: string | null }>(kMembers, wish)
  await again('members')
  return answer
}

export async function changeRole(userId: string, role: Role): Promise<void> {
  await workspace().api.patch(at(kMembers, userId), { role })
  await again('members')
}

export async function removeMember(userId: string): Promise<void> {
  await workspace().api.remove(at(kMembers, userId))
  await again('members')
}

export async function renameAccount(name: string): Promise<void> {
  await workspace().api.patch('/api/live-chat/settings/account', { name })
  await again('me')
}

export async function addAccount(name: string): Promise<Account> {
  const { account } = await workspace().api.post<{ account: Account }>('/api/live-chat/accounts', { name })
  await again('me')
  return account
}
