import type { Contact } from '../../lib/contacts'
import { formatPhone } from '../../lib/format'

/** An identity as it is read. */
export function written(kind: string, value: string): string {
  if (kind === 'username') return `@${value.replace(/^@/u, '')}`
  return kind === 'wa_id' ? formatPhone(value) : value
}

/** Who it is: the name, or the best of the identities. */
export function titleOf({ name, profile_name, identities }: Pick<Contact, 'name' | 'profile_name' | 'identities'>): string {
  if (name.trim() || profile_name.trim()) return name.trim() || profile_name.trim()
  const best = ['wa_id', 'username'].map((kind) => identities.find((one) => one.kind === kind)).find(Boolean) ?? identities[0]
  return best ? written(best.kind, best.value) : ''
}
