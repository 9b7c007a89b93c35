// Whether Meta and this server reach each other, and what came in.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { components } from './api.gen'
import { workspace } from './workspace'

type Schemas = components['schemas']
export type Connection = Schemas['ConnectionReport']
export type Check = Connection['checks'][number]
export const deliveryStates = ['stored', 'partial', 'dead'] as const satisfies readonly Schemas['DeliveryState'][]
export type DeliveryState = Schemas['DeliveryState']
export type Delivery = Schemas['Delivery']
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
    queryFn: ({ signal }) => workspace().api.get<Schemas['DeliveryWithBody']>(`${kDeliveries}/${id}`, {}, signal),
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
