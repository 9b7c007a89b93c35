import type { ServerMessage } from './inbox'
import { outgoingMessage } from './cache/patch'
import { isPassing, problemOf, type Problem } from './problem'
import type { Api } from './api'
import type { components } from './api.gen'
import { createStore, type Store } from './store'

type SendAnswer = components['schemas']['SendAnswer']
type SendFailed = components['schemas']['SendFailed']

/** A message on its way. `clientId` is its Idempotency-Key: however often it is tried, it is sent once. */
export interface OutboxEntry {
  clientId: string
  /** Stands for the server's id until there is one; negative. */
  localId: number
  conversationId: number
  text: string
  at: string
  expectedLastMessageId?: number
  state: 'sending' | 'waiting' | 'refused'
  problem?: Problem
}

export interface OutboxOptions {
  userId: string
  api: Pick<Api, 'post'>
  /** A message that the server has now. */
  onMessage(message: ServerMessage): void
  storage?: Storage
  random?(): number
}

const kPath = '/api/live-chat/send-message'
const kFirstPauseMs = 1_000
const kLongestPauseMs = 30_000

/** What agents sent and the server has not taken yet; kept in this browser, sent in order within a conversation. */
export class Outbox {
  readonly entries: Store<readonly OutboxEntry[]> = createStore<readonly OutboxEntry[]>([])
  private readonly storage: Storage
  private readonly prefix: string
  private readonly busy = new Set<number>()
  private readonly wakers = new Set<() => void>()
  /** Keys of first messages whose fate is open, so that trying again does not send twice. */
  private readonly openStarts = new Map<string, string>()
  private nextLocalId: number
  private stopped = false

  constructor(private readonly options: OutboxOptions) {
    this.storage = options.storage ?? localStorage
    this.prefix = `parley.outbox.${options.userId}.`
    const saved = this.load()
    this.nextLocalId = Math.min(0, ...saved.map((entry) => entry.localId)) - 1
    this.entries.set(saved)
  }

  start(): void {
    window.addEventListener('online', this.wake)
    window.addEventListener('storage', this.onOtherTab)
    for (const { conversationId } of this.entries.get()) void this.work(conversationId)
  }

  stop(): void {
    this.stopped = true
    window.removeEventListener('online', this.wake)
    window.removeEventListener('storage', this.onOtherTab)
    this.wake()
  }

  /** Tries at once what waits for a better moment. */
  readonly wake = (): void => {
    for (const waker of [...this.wakers]) waker()
  }

  add(conversationId: number, text: string, expectedLastMessageId?: number): void {
    this.save({
      clientId: newClientId(),
      localId: this.nextLocalId--,
      conversationId,
      text,
      at: new Date().toISOString(),
      state: 'waiting',
      ...(expectedLastMessageId === undefined ? {} : { expectedLastMessageId }),
    })
    void this.work(conversationId)
  }

  /** Sends a refused one once more, whatever was written in the meantime. */
  resend(clientId: string): void {
    const entry = this.find(clientId)
    if (!entry || entry.state !== 'refused') return
    const { problem, expectedLastMessageId: _, ...kept } = entry
    // That key belongs to another message at the server.
    const isTaken = problem?.code === 'idempotency_conflict'
    if (isTaken) this.remove(clientId)
    this.save({ ...kept, state: 'waiting', clientId: isTaken ? newClientId() : clientId })
    void this.work(entry.conversationId)
  }

  discard(clientId: string): void {
    this.remove(clientId)
  }

  clear(): void {
    for (const { clientId } of this.entries.get()) this.remove(clientId)
  }

  /** The first message to somebody; not kept, the caller waits for the answer. */
  async startConversation(phoneNumberId: string, to: string, text: string): Promise<{ conversationId: number }> {
    const wish = JSON.stringify([phoneNumberId, to, text])
    const clientId = this.openStarts.get(wish) ?? newClientId()
    this.openStarts.set(wish, clientId)
    const body = { phone_number_id: phoneNumberId, to, message: text }
    try {
      const answer = await this.options.api.post<SendAnswer>(kPath, body, { 'Idempotency-Key': clientId })
      this.openStarts.delete(wish)
      return { conversationId: answer.conversation_id }
    } catch (error) {
      const problem = problemOf(error)
      if (!isPassing(problem) || isStored(problem)) this.openStarts.delete(wish)
      if (isStored(problem)) return { conversationId: problem.conversation_id }
      throw error
    }
  }

  private async work(conversationId: number): Promise<void> {
    if (this.busy.has(conversationId)) return
    this.busy.add(conversationId)
    let failures = 0
    for (;;) {
      const entry = this.entries.get().find((one) => one.conversationId === conversationId && one.state !== 'refused')
      if (this.stopped || !entry) break
      this.save({ ...entry, state: 'sending' })
      const problem = await this.deliver(entry)
      if (problem === null) {
        failures = 0
      } else if (this.find(entry.clientId)) {
        this.save({ ...entry, state: 'waiting' })
        await this.pause(problem, failures++)
      }
    }
    this.busy.delete(conversationId)
  }

  /** One try. Null when its fate is settled, otherwise what stands in the way for now. */
  private async deliver(entry: OutboxEntry): Promise<Problem | null> {
    const { clientId, conversationId, text, expectedLastMessageId } = entry
    const body = { conversation_id: conversationId, message: text, expected_last_message_id: expectedLastMessageId }
    try {
      const answer = await this.options.api.post<SendAnswer>(kPath, body, { 'Idempotency-Key': clientId })
      const message = outgoingMessage(entry, answer.message_id, answer.status)
      this.settle(entry, { ...message, whatsapp_message_id: answer.whatsapp_message_id })
      return null
    } catch (error) {
      const problem = problemOf(error)
      if (isStored(problem)) {
        const message = outgoingMessage(entry, problem.message_id, 'failed')
        this.settle(entry, { ...message, error: problem.error })
        return null
      }
      if (isPassing(problem) || problem.status === 401) return problem
      for (const newer of newerMessages(problem)) this.options.onMessage(newer)
      if (this.find(clientId)) this.save({ ...entry, state: 'refused', problem })
      return null
    }
  }

  private settle(entry: OutboxEntry, message: ServerMessage): void {
    this.options.onMessage(message)
    this.remove(entry.clientId)
  }

  private pause(problem: Problem, failures: number): Promise<void> {
    const random = this.options.random ?? Math.random
    const ceiling = Math.min(kLongestPauseMs, kFirstPauseMs * 2 ** Math.min(failures, 10))
    const asked = typeof problem.retry_after === 'number' ? problem.retry_after * 1000 : 0
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.wakers.delete(done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(asked, ceiling * (0.5 + random() / 2)))
      this.wakers.add(done)
    })
  }

  private find(clientId: string): OutboxEntry | undefined {
    return this.entries.get().find((entry) => entry.clientId === clientId)
  }

  private save(entry: OutboxEntry): void {
    this.entries.set((entries) => {
      const at = entries.findIndex(({ clientId }) => clientId === entry.clientId)
      return at < 0 ? [...entries, entry] : entries.with(at, entry)
    })
    try {
      this.storage.setItem(this.prefix + entry.clientId, JSON.stringify(entry))
    } catch {
      // Full or forbidden storage: it lives as long as this page.
    }
  }

  private remove(clientId: string): void {
    this.entries.set((entries) => entries.filter((entry) => entry.clientId !== clientId))
    this.storage.removeItem(this.prefix + clientId)
  }

  private load(): OutboxEntry[] {
    const names = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index))
    return names
      .filter((name) => name?.startsWith(this.prefix))
      .flatMap((name) => parseEntry(this.storage.getItem(name ?? '')))
      .sort((a, b) => a.at.localeCompare(b.at) || b.localId - a.localId)
  }

  /** What another tab of the same agent has sent or thrown away is done here as well. */
  private readonly onOtherTab = ({ key, newValue }: StorageEvent): void => {
    if (!key?.startsWith(this.prefix) || newValue !== null) return
    const clientId = key.slice(this.prefix.length)
    this.entries.set((entries) => entries.filter((entry) => entry.clientId !== clientId))
  }
}

function parseEntry(saved: string | null): OutboxEntry[] {
  try {
    const entry = JSON.parse(saved ?? '') as OutboxEntry
    return [{ ...entry, state: entry.state === 'refused' ? 'refused' : 'waiting' }]
  } catch {
    return []
  }
}

/** The server has the message although it was not a success: Meta refused it. */
function isStored(problem: Problem): problem is Problem & Pick<SendFailed, 'conversation_id' | 'message_id' | 'error'> {
  return problem.code === 'send_failed' && typeof problem.message_id === 'number'
}

function newerMessages(problem: Problem): ServerMessage[] {
  return problem.code === 'newer_messages' && Array.isArray(problem.messages) ? (problem.messages as ServerMessage[]) : []
}

/** crypto.randomUUID is missing on pages served over plain http. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
