// Whether Meta and this server reach each other, and what came in.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { workspace } from './workspace'

export interface Check {
  id: string
  title: string
  state: 'ok' | 'warning' | 'failed' | 'unknown'
  detail: string
  advice: string | null
  action: { kind: 'subscribe'; phone_number_id: string } | null
}
export interface Connection {
  /** In the order in which a person must act. */
  checks: Check[]
  /** The id of the first check that stands in the way. */
  missing: string | null
  /** Where Meta's webhooks have to go. */
  callback_url: string | null
}
export const deliveryStates = ['stored', 'partial', 'dead'] as const
export type DeliveryState = (typeof deliveryStates)[number]
export interface Delivery {
  id: number
  received_at: string
  state: DeliveryState
  problem: string | null
  /** The webhook fields in it. */
  fields: string | string[] | null
  items: number
  bytes: number
  replayed_at: string | null
}
interface DeliveryPage {
  deliveries: Delivery[]
  has_more: boolean
}

const kConnection = '/api/live-chat/connection'
const kDeliveries = '/api/live-chat/deliveries'
const kPollMs = 5_000

export function connectionQuery() {
  return queryOptions({
    queryKey: ['connection'] as const,
    staleTime: 0,
    queryFn: ({ signal }) => workspace().api.get<Connection>(kConnection, {}, signal),
  })
}

/** Runs all checks anew. */
export async function checkConnection(): Promise<void> {
  const { api, queries } = workspace()
  queries.setQueryData(connectionQuery().queryKey, await api.post<Connection>(`${kConnection}/check`))
}

/** Newest first, and asked for again and again while it is looked at. */
export function deliveriesQuery(state: DeliveryState | null) {
  return infiniteQueryOptions({
    queryKey: ['deliveries', state] as const,
    staleTime: 0,
    refetchInterval: kPollMs,
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) =>
      workspace().api.get<DeliveryPage>(kDeliveries, { state, before: pageParam, limit: 50 }, signal),
    getNextPageParam: (page) => (page.has_more ? (page.deliveries.at(-1)?.id ?? null) : null),
  })
}

export function deliveryQuery(id: number) {
  return queryOptions({
    queryKey: ['delivery', id] as const,
    staleTime: 0,
    queryFn: ({ signal }) => workspace().api.get<Delivery & { body: string }>(`${kDeliveries}/${id}`, {}, signal),
  })
}

/** Takes a delivery in once more. */
export async function replayDelivery(id: number): Promise<void> {
  const { api, queries } = workspace()
  await api.post(`${kDeliveries}/${id}/replay`)
  await Promise.all([queries.invalidateQueries({ queryKey: ['delivery', id] }), queries.invalidateQueries({ queryKey: ['deliveries'] })])
}

/** JSON indented for reading; anything else as it is. */
export function readable(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
