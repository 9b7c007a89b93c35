import type { Conversation, PhoneNumber, ServerMessage } from '../src/lib/inbox'
import type { LiveEvent } from '../src/lib/live/frames'

export function aConversation(id: number, changes: Partial<Conversation> = {}): Conversation {
  return {
    id,
    phone_number_id: 'n1',
    customer_phone: `1650555${String(id).padStart(4, '0')}`,
    customer_name: `Customer ${id}`,
    last_message_at: minute(id),
    unread_count: 0,
    created_at: minute(0),
    contact_id: id,
    status: 'open',
    preview: 'Hello',
    last_message_type: 'text',
    last_message_sender: 'customer',
    last_message_status: 'received',
    last_incoming_at: minute(id),
    window_expires_at: null,
    is_group: false,
    blocked: false,
    ...changes,
  }
}

export function aMessage(id: number, changes: Partial<ServerMessage> = {}): ServerMessage {
  return {
    id,
    conversation_id: 1,
    sender: 'customer',
    message: `Message ${id}`,
    message_type: 'text',
    media_url: null,
    media: null,
    is_read: false,
    whatsapp_message_id: `wamid.${id}`,
    created_at: minute(id),
    status: 'received',
    status_times: {},
    error: null,
    reply_to_whatsapp_message_id: null,
    payload: null,
    reactions: [],
    edited_at: null,
    revoked_at: null,
    client_message_id: null,
    ...changes,
  }
}

export function aNumber(changes: Partial<PhoneNumber> = {}): PhoneNumber {
  return {
    phone_number_id: 'n1',
    waba_id: 'w1',
    display_phone_number: '+1 555 078 3881',
    verified_name: 'Linen & Oak',
    unread_count: 0,
    ...changes,
  }
}

export function anEvent(offset: number, data: LiveEvent['data'], name: LiveEvent['name'] = 'message.created'): LiveEvent {
  const conversation_id = data.conversation?.id ?? data.message?.conversation_id ?? 0
  return { type: 'event', offset, name, conversation_id, data }
}

/** The nth minute of a day. */
export function minute(n: number): string {
  return new Date(Date.UTC(2026, 10, 23, 0, n)).toISOString()
}
