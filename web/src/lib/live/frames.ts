// What goes over the socket `GET /api/live-chat/events`, subprotocol `parley.v1`.
import type { Conversation, ServerMessage } from '../inbox'

export type EventName =
  | 'message.created'
  | 'message.updated'
  | 'message.status'
  | 'message.reaction'
  | 'conversation.updated'
  | 'conversation.read'
  | 'conversation.merged'
  | 'conversation.split'

/** Something changed; `data` is how it is now. Offsets rise. */
export interface LiveEvent {
  type: 'event'
  offset: number
  name: EventName
  conversation_id: number
  data: { message?: ServerMessage; conversation?: Conversation }
}
export interface PresentAgent {
  user_id: string
  name: string
  viewing: number[]
  typing: number[]
}
export interface Ready {
  type: 'ready'
  epoch: string
  offset: number
  /** Whether everything since `resume` follows; otherwise all has to be loaded anew. */
  recovered: boolean
  user_id: string
  server_time: string
}
export type ServerFrame =
  | Ready
  | LiveEvent
  | { type: 'heartbeat'; offset: number }
  | { type: 'auth_expiring'; expires_at: string }
  | { type: 'presence'; agents: PresentAgent[] }
  | { type: 'notice' }

export type ClientFrame =
  | { type: 'auth'; token: string; account_id?: number; resume?: { epoch: string; offset: number } }
  | { type: 'viewing'; conversation_id: number | null }
  | { type: 'typing'; conversation_id: number; typing: boolean }

export const kClose = { unauthenticated: 4401, forbidden: 4403 } as const
