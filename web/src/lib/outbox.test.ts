import { afterEach, describe, expect, it, vi } from 'vitest'
import { aMessage } from '../../tests/builders'
import type { UploadOptions } from './api'
import type { ServerMessage } from './inbox'
import type { Media } from './message-shapes'
import { Outbox, type SentFile } from './outbox'
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
  const uploads: { path: string; options: UploadOptions | undefined; resolve(media: Media): void; reject(error: Error): void }[] = []
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
      upload: <T>(path: string, _file: Blob, options?: UploadOptions): Promise<T> =>
        new Promise((resolve, reject) => {
          options?.signal?.addEventListener('abort', () => reject(new DOMException('Cancelled.', 'AbortError')))
          uploads.push({ path, options, resolve: (media) => resolve({ media } as T), reject })
        }),
    },
  })
  outboxes.push(outbox)
  outbox.start()
  return { outbox, requests, shown, uploads }
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
    outbox.add(1, { text: 'one' })
    outbox.add(1, { text: 'two' })
    outbox.add(2, { text: 'elsewhere' })
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(requests.filter(({ body }) => body.conversation_id === 1).map(({ body }) => body.message)).toEqual(['one', 'two'])
    expect(new Set(requests.map(({ key }) => key)).size).toBe(3)
    expect(shown.map(({ client_message_id }) => client_message_id).sort()).toEqual(requests.map(({ key }) => key).sort())
  })

  it('holds back the next one while the first is under way', () => {
    const { outbox, requests } = anOutbox(never)
    outbox.add(1, { text: 'one' })
    outbox.add(1, { text: 'two' })
    expect(requests.length).toBe(1)
    expect(states(outbox)).toEqual(['one: sending', 'two: waiting'])
  })

  it('waits while the server is away and goes on with the same key', async () => {
    const { outbox, requests } = anOutbox(unreachable, refused(503, 'unavailable'), accepted)
    outbox.add(1, { text: 'patient' })
    await vi.waitFor(() => expect(states(outbox)).toEqual(['patient: waiting']))
    window.dispatchEvent(new Event('online'))
    await vi.waitFor(() => expect(requests.length).toBe(2))
    outbox.wake()
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(new Set(requests.map(({ key }) => key)).size).toBe(1)
  })

  it('survives a reload, with the same key', async () => {
    const before = anOutbox(unreachable)
    before.outbox.add(1, { text: 'survivor' })
    await vi.waitFor(() => expect(states(before.outbox)).toEqual(['survivor: waiting']))
    before.outbox.stop()

    const after = anOutbox(accepted)
    await vi.waitFor(() => expect(after.outbox.entries.get()).toEqual([]))
    expect(after.requests[0]).toMatchObject({ key: before.requests[0]?.key, body: { message: 'survivor' } })
    expect(anOutbox(accepted).requests).toEqual([])
  })

  it("keeps one agent's messages from another", () => {
    anOutbox(never).outbox.add(1, { text: 'mine' })
    const other = new Outbox({ userId: 'u2', api: { post: async <T>() => ({}) as T, upload: async <T>() => ({}) as T }, onMessage: () => {} })
    expect(other.entries.get()).toEqual([])
  })

  it('shows what is refused with its reason, goes on with the next, and sends it again when told', async () => {
    const newer = aMessage(42)
    const answers = [refused(409, 'newer_messages', { messages: [newer] }), accepted, accepted] as const
    const { outbox, requests, shown } = anOutbox(...answers)
    outbox.add(1, { text: 'too late', expectedLastMessageId: 41 })
    outbox.add(1, { text: 'next' })
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
    outbox.add(1, { text: 'again' })
    await vi.waitFor(() => expect(states(outbox)).toEqual(['again: refused']))
    outbox.resend(requests[0]!.key)
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(requests[1]?.key).not.toBe(requests[0]?.key)
  })

  it('leaves to the thread what the server stored and Meta refused', async () => {
    const error = { code: 131047, title: 'Re-engagement message', details: '' }
    const { outbox, shown } = anOutbox(refused(502, 'send_failed', { message_id: 7, conversation_id: 1, error }))
    outbox.add(1, { text: 'failed' })
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(shown).toMatchObject([{ id: 7, status: 'failed', error }])
  })

  it('forgets what is discarded or cleared', async () => {
    const { outbox } = anOutbox(refused(409, 'window_closed'))
    outbox.add(1, { text: 'one' })
    outbox.add(2, { text: 'two' })
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

describe('files', () => {
  const aFile = (name: string, kind: SentFile['kind'] = 'image') => ({
    ...{ kind, name, size: 3, mimeType: 'image/jpeg', voice: false },
    bytes: new Blob(['abc']),
  })
  const stored = (id: number): Media => ({
    ...{ id, state: 'stored', mime_type: 'image/jpeg', size: 3, file_name: null, voice: false },
    ...{ url: `/api/live-chat/media/${id}`, inline: true, problem: null },
  })

  it('are uploaded and sent in their order, before what was written after them', async () => {
    const { outbox, requests, uploads, shown } = anOutbox(accepted)
    outbox.add(1, { text: 'caption', file: aFile('a.jpg'), replyTo: { id: 7, whatsappId: 'wamid.7' } })
    outbox.add(1, { file: aFile('é (1).pdf', 'document') })
    outbox.add(1, { text: 'last' })
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    expect(requests).toEqual([])
    uploads[0]?.options?.onProgress?.(0.5)
    expect(Object.values(outbox.progress.get())).toEqual([0.5])
    uploads[0]?.resolve(stored(11))
    await vi.waitFor(() => expect(uploads).toHaveLength(2))
    expect(uploads[1]?.path).toBe('/api/live-chat/media?kind=document')
    expect(uploads[1]?.options?.headers?.['Content-Disposition']).toBe("attachment; filename*=UTF-8''%C3%A9%20%281%29.pdf")
    uploads[1]?.resolve(stored(12))
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(requests.map(({ body }) => body)).toEqual([
      { conversation_id: 1, reply_to_message_id: 7, message_type: 'image', media_id: 11, message: 'caption' },
      { conversation_id: 1, message_type: 'document', media_id: 12, message: '', file_name: 'é (1).pdf' },
      { conversation_id: 1, message: 'last' },
    ])
    expect(shown[0]).toMatchObject({ message_type: 'image', media: { id: 11 }, reply_to_whatsapp_message_id: 'wamid.7' })
  })

  it('are uploaded again after a break, but not once more when only the sending failed', async () => {
    const { outbox, requests, uploads } = anOutbox(unreachable, accepted)
    outbox.add(1, { file: aFile('a.jpg') })
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    uploads[0]?.reject(new ProblemError({ status: 0, code: 'unreachable', detail: '' }))
    await vi.waitFor(() => expect(states(outbox)).toEqual([': waiting']))
    outbox.wake()
    await vi.waitFor(() => expect(uploads).toHaveLength(2))
    uploads[1]?.resolve(stored(11))
    await vi.waitFor(() => expect(requests).toHaveLength(1))
    await vi.waitFor(() => expect(states(outbox)).toEqual([': waiting']))
    outbox.wake()
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(uploads).toHaveLength(2)
  })

  it('are not sent when thrown away during the upload; the next one goes', async () => {
    const { outbox, requests, uploads } = anOutbox(accepted)
    outbox.add(1, { file: aFile('a.jpg') })
    outbox.add(1, { text: 'next' })
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    outbox.discard(outbox.entries.get()[0]!.clientId)
    await vi.waitFor(() => expect(outbox.entries.get()).toEqual([]))
    expect(requests.map(({ body }) => body.message)).toEqual(['next'])
    expect(outbox.progress.get()).toEqual({})
  })

  it('that were not uploaded are lost with the page: one is asked before leaving, and told afterwards', async () => {
    const { outbox, uploads } = anOutbox(accepted)
    const leave = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))
    expect(leave()).toBe(false)
    outbox.add(1, { file: aFile('a.jpg') })
    await vi.waitFor(() => expect(uploads).toHaveLength(1))
    expect(leave()).toBe(true)
    const later = anOutbox(accepted)
    expect(later.outbox.entries.get()[0]).toMatchObject({ state: 'refused', problem: { code: 'file_lost' } })
    expect(later.uploads).toEqual([])
  })

  it('send their structure as Meta has it', async () => {
    const { outbox, requests, shown } = anOutbox(accepted)
    const location = { latitude: 1, longitude: 2, name: 'Here' }
    outbox.add(1, { content: { message_type: 'location', location } })
    await vi.waitFor(() => expect(shown).toHaveLength(1))
    expect(requests[0]?.body).toEqual({ conversation_id: 1, message_type: 'location', location })
    expect(shown[0]).toMatchObject({ message_type: 'location', payload: { type: 'location', location } })
  })
})
