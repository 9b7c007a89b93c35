import { afterEach, describe, expect, it, vi } from 'vitest'
import { aMessage } from '../../tests/builders'
import type { ServerMessage } from './inbox'
import { Outbox } from './outbox'
import { ProblemError } from './problem'

interface Request {
  key: string
  body: Record<string, unknown>
}
type Answer = (request: Request) => unknown

const outboxes: Outbox[] = []
afterEach(() => {
  for (const outbox of outboxes.splice(0)) outbox.stop()
})

/** An outbox in front of a server that gives these answers, one a request, the last one for ever. */
function anOutbox(...answers: Answer[]) {
  const requests: Request[] = []
  const shown: ServerMessage[] = []
  const outbox = new Outbox({
    userId: 'u1',
    random: () => 0,
    onMessage: (message) => shown.push(message),
    api: {
      async post<T>(_path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
        const request = { key: headers?.['Idempotency-Key'] ?? '', body: body as Request['body'] }
        requests.push(request)
        const answer = answers[Math.min(requests.length, answers.length) - 1]
        return (await answer?.(request)) as T
      },
    },
  })
  outboxes.push(outbox)
  outbox.start()
  return { outbox, requests, shown }
}

let nextId = 100
const accepted: Answer = ({ body }) => ({
  success: true,
  message: 'Message sent successfully',
  conversation_id: body.conversation_id ?? 5,
  message_id: nextId++,
  status: 'sent',
  whatsapp_message_id: 'wamid.1',
})
const refused =
  (status: number, code: string, extra = {}): Answer =>
  () => {
    throw new ProblemError({ status, code, detail: code, ...extra })
  }
const unreachable = refused(0, 'unreachable')
const never: Answer = () => new Promise(() => {})
const states = (outbox: Outbox) => outbox.entries.get().map(({ text, state }) => `${text}: ${state}`)

describe('the outbox', () => {
  it('sends in order within a conversation, each under its own key', async () => {
    const { outbox, requests, shown } = anOutbox(accepted)
    outbox.add(1, 'one')
    outbox.add(1, 'two')
    outbox.add(2, 'elsewhere')
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(requests.filter(({ body }) => body.conversation_id === 1).map(({ body }) => body.message)).toEqual(['one', 'two'])
    expect(new Set(requests.map(({ key }) => key)).size).toBe(3)
    expect(shown.map(({ client_message_id }) => client_message_id).sort()).toEqual(requests.map(({ key }) => key).sort())
  })

  it('holds back the next one while the first is under way', () => {
    const { outbox, requests } = anOutbox(never)
    outbox.add(1, 'one')
    outbox.add(1, 'two')
    expect(requests.length).toBe(1)
    expect(states(outbox)).toEqual(['one: sending', 'two: waiting'])
  })

  it('waits while the server is away and goes on with the same key', async () => {
    const { outbox, requests } = anOutbox(unreachable, refused(503, 'unavailable'), accepted)
    outbox.add(1, 'patient')
    await vi.waitFor(() => expect(states(outbox)).toEqual(['patient: waiting']))
    window.dispatchEvent(new Event('online'))
    await vi.waitFor(() => expect(requests.length).toBe(2))
    outbox.wake()
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(new Set(requests.map(({ key }) => key)).size).toBe(1)
  })

  it('survives a reload, with the same key', async () => {
    const before = anOutbox(unreachable)
    before.outbox.add(1, 'survivor')
    await vi.waitFor(() => expect(states(before.outbox)).toEqual(['survivor: waiting']))
    before.outbox.stop()

    const after = anOutbox(accepted)
    await vi.waitFor(() => expect(after.outbox.entries.get()).toEqual([]))
    expect(after.requests[0]).toMatchObject({ key: before.requests[0]?.key, body: { message: 'survivor' } })
    expect(anOutbox(accepted).requests).toEqual([])
  })

  it("keeps one agent's messages from another", () => {
    anOutbox(never).outbox.add(1, 'mine')
    const other = new Outbox({ userId: 'u2', api: { post: async <T>() => ({}) as T }, onMessage: () => {} })
    expect(other.entries.get()).toEqual([])
  })

  it('shows what is refused with its reason, goes on with the next, and sends it again when told', async () => {
    const newer = aMessage(42)
    const answers = [refused(409, 'newer_messages', { messages: [newer] }), accepted, accepted] as const
    const { outbox, requests, shown } = anOutbox(...answers)
    outbox.add(1, 'too late', 41)
    outbox.add(1, 'next')
    await vi.waitFor(() => expect(states(outbox)).toEqual(['too late: refused']))
    expect(requests[0]?.body.expected_last_message_id).toBe(41)
    expect(outbox.entries.get()[0]?.problem?.code).toBe('newer_messages')
    expect(shown[0]).toEqual(newer)

    outbox.resend(requests[0]!.key)
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(requests[2]?.body).toEqual({ conversation_id: 1, message: 'too late' })
  })

  it('takes a new key when the old one belongs to another message', async () => {
    const { outbox, requests } = anOutbox(refused(409, 'idempotency_conflict'), accepted)
    outbox.add(1, 'again')
    await vi.waitFor(() => expect(states(outbox)).toEqual(['again: refused']))
    outbox.resend(requests[0]!.key)
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(requests[1]?.key).not.toBe(requests[0]?.key)
  })

  it('leaves to the thread what the server stored and Meta refused', async () => {
    const error = { code: 131047, title: 'Re-engagement message', details: '' }
    const { outbox, shown } = anOutbox(refused(502, 'send_failed', { message_id: 7, conversation_id: 1, error }))
    outbox.add(1, 'failed')
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(shown).toMatchObject([{ id: 7, status: 'failed', error }])
  })

  it('forgets what is discarded or cleared', async () => {
    const { outbox } = anOutbox(refused(409, 'window_closed'))
    outbox.add(1, 'one')
    outbox.add(2, 'two')
    await vi.waitFor(() => expect(states(outbox)).toEqual(['one: refused', 'two: refused']))
    outbox.discard(outbox.entries.get()[0]!.clientId)
    expect(states(outbox)).toEqual(['two: refused'])
    outbox.clear()
    expect(Object.keys(localStorage)).toEqual([])
  })

  it('starts a conversation once, however often it is tried', async () => {
    const { outbox, requests } = anOutbox(unreachable, accepted, accepted)
    await expect(outbox.startConversation('n1', '1650', 'Hi')).rejects.toThrow()
    await expect(outbox.startConversation('n1', '1650', 'Hi')).resolves.toEqual({ conversationId: 5 })
    expect(requests[0]?.key).toBe(requests[1]?.key)
    await outbox.startConversation('n1', '1650', 'Hi')
    expect(requests[2]?.key).not.toBe(requests[1]?.key)
  })
})
