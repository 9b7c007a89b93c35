// For tests: messages to put into the thread.
import { aMessage as fromServer } from '../../../tests/builders'
import type { ThreadMessage } from '../../lib/inbox'

export function aMessage(over: Partial<ThreadMessage> = {}): ThreadMessage {
  const { id = 1, ...changes } = over
  return { ...fromServer(id), created_at: '2026-11-23T10:00:00.000Z', ...changes }
}

export function ours(over: Partial<ThreadMessage> = {}): ThreadMessage {
  return aMessage({ sender: 'agent', status: 'sent', is_read: true, ...over })
}
