import type { ServerMessage } from './inbox'
import { outgoingMessage } from './cache/patch'
import type { Size } from './media'
import type { FileKind, Media, Structured } from './message-shapes'
import { isPassing, ProblemError, problemOf, type Problem } from './problem'
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
  replyTo?: Quoted
  /** What is sent instead of a text. */
  content?: Structured
  /** What is sent with the text as its caption. */
  file?: SentFile
  state: 'sending' | 'waiting' | 'refused'
  problem?: Problem
}
export interface Quoted {
  id: number
  whatsappId: string | null
}
/** A file on its way. Its bytes live as long as this page, `media` is there once the server has them. */
export interface SentFile {
  kind: FileKind
  name: string
  size: number
  mimeType: string
  voice: boolean
  natural?: Size
  media?: Media
}
export interface ToSend {
  text?: string
  expectedLastMessageId?: number | undefined
  replyTo?: Quoted | undefined
  content?: Structured
  file?: SentFile & { bytes: Blob }
}

export interface OutboxOptions {
  userId: string
  api: Pick<Api, 'post' | 'upload'>
  /** A message that the server has now. */
  onMessage(message: ServerMessage): void
  /** The server has this file now. */
  onUploaded?(media: Media, bytes: Blob, natural?: Size): void
  storage?: Storage
  random?(): number
}

const kPath = '/api/live-chat/send-message'
const kMediaPath = '/api/live-chat/media'
const kFirstPauseMs = 1_000
const kLongestPauseMs = 30_000

/** What agents sent and the server has not taken yet; kept in this browser, sent in order within a conversation. */
export class Outbox {
  readonly entries: Store<readonly OutboxEntry[]> = createStore<readonly OutboxEntry[]>([])
  private readonly storage: Storage
  private readonly prefix: string
  /** How much of each file is uploaded, from 0 to 1, by clientId. */
  readonly progress: Store<Readonly<Record<string, number>>> = createStore<Readonly<Record<string, number>>>({})
  private readonly files = new Map<string, Blob>()
  private readonly uploads = new Map<string, AbortController>()
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
    window.addEventListener('beforeunload', this.onLeaving)
    for (const { conversationId } of this.entries.get()) void this.work(conversationId)
  }

  stop(): void {
    this.stopped = true
    window.removeEventListener('online', this.wake)
    window.removeEventListener('storage', this.onOtherTab)
    window.removeEventListener('beforeunload', this.onLeaving)
    for (const upload of this.uploads.values()) upload.abort()
    this.wake()
  }

  /** Tries at once what waits for a better moment. */
  readonly wake = (): void => {
    for (const waker of [...this.wakers]) waker()
  }

  add(conversationId: number, { text = '', expectedLastMessageId, replyTo, content, file }: ToSend): void {
    const clientId = newClientId()
    const { bytes, ...about } = file ?? {}
    if (bytes) this.files.set(clientId, bytes)
    this.save({
      clientId,
      localId: this.nextLocalId--,
      conversationId,
      text,
      at: new Date().toISOString(),
      state: 'waiting',
      ...(expectedLastMessageId === undefined ? {} : { expectedLastMessageId }),
      ...(replyTo ? { replyTo } : {}),
      ...(content ? { content } : {}),
      ...(file ? { file: about as SentFile } : {}),
    })
    void this.work(conversationId)
  }

  /** The bytes of a file on its way, if they are in this page. */
  fileOf(clientId: string): Blob | undefined {
    return this.files.get(clientId)
  }

  /** Sends a refused one once more, whatever was written in the meantime. */
  resend(clientId: string): void {
    const entry = this.find(clientId)
    if (!entry || entry.state !== 'refused') return
    const { problem, expectedLastMessageId: _, ...kept } = entry
    // That key belongs to another message at the server.
    const isTaken = problem?.code === 'idempotency_conflict'
    const bytes = this.files.get(clientId)
    if (isTaken) this.remove(clientId)
    const next: OutboxEntry = { ...kept, state: 'waiting', clientId: isTaken ? newClientId() : clientId }
    if (bytes) this.files.set(next.clientId, bytes)
    // The server may have lost an upload that was never sent.
    if (bytes && next.file && problem?.member === 'media_id') delete (next.file = { ...next.file }).media
    this.save(next)
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
      } else {
        const kept = this.find(entry.clientId)
        if (!kept) continue
        this.save({ ...kept, state: 'waiting' })
        await this.pause(problem, failures++)
      }
    }
    this.busy.delete(conversationId)
  }

  /** One try. Null when its fate is settled, otherwise what stands in the way for now. */
  private async deliver(queued: OutboxEntry): Promise<Problem | null> {
    const { clientId } = queued
    let entry = queued
    try {
      if (entry.file && !entry.file.media) entry = await this.upload(entry, entry.file)
      // It may have been thrown away meanwhile.
      if (!this.find(clientId)) return null
      const answer = await this.options.api.post<SendAnswer>(kPath, bodyOf(entry), { 'Idempotency-Key': clientId })
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
      const kept = this.find(clientId)
      if (kept) this.save({ ...kept, state: 'refused', problem })
      return null
    }
  }

  private async upload(entry: OutboxEntry, file: SentFile): Promise<OutboxEntry> {
    const { clientId } = entry
    const bytes = this.files.get(clientId)
    if (!bytes) throw new ProblemError(kLost)
    const upload = new AbortController()
    this.uploads.set(clientId, upload)
    try {
      const { media } = await this.options.api.upload<{ media: Media }>(`${kMediaPath}?kind=${file.kind}`, bytes, {
        headers: {
          'Content-Type': file.mimeType || 'application/octet-stream',
          'Content-Disposition': `attachment; filename*=UTF-8''${encoded(file.name)}`,
        },
        signal: upload.signal,
        onProgress: (share) => this.progress.set((shares) => ({ ...shares, [clientId]: share })),
      })
      this.options.onUploaded?.(media, bytes, file.natural)
      const uploaded: OutboxEntry = { ...entry, file: { ...file, media } }
      if (this.find(clientId)) this.save(uploaded)
      return uploaded
    } finally {
      this.uploads.delete(clientId)
      this.progress.set(({ [clientId]: _, ...others }) => others)
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
    this.uploads.get(clientId)?.abort()
    this.files.delete(clientId)
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

  /** Files that the server does not have yet are lost with the page. */
  private readonly onLeaving = (event: BeforeUnloadEvent): void => {
    const isAtRisk = ({ file, clientId }: OutboxEntry) => file !== undefined && !file.media && this.files.has(clientId)
    if (this.entries.get().some(isAtRisk)) event.preventDefault()
  }
}

const kLost: Problem = { code: 'file_lost', detail: 'The page was closed before the file was uploaded.', status: 400 }

function bodyOf(entry: OutboxEntry): Record<string, unknown> {
  const { conversationId, text, content, file, replyTo, expectedLastMessageId } = entry
  const common = {
    conversation_id: conversationId,
    expected_last_message_id: expectedLastMessageId,
    ...(replyTo ? { reply_to_message_id: replyTo.id } : {}),
  }
  if (content) return { ...common, ...content }
  if (!file) return { ...common, message: text }
  return {
    ...common,
    message_type: file.kind,
    media_id: file.media?.id,
    ...(file.kind === 'audio' ? (file.voice ? { voice: true } : {}) : { message: text }),
    ...(file.kind === 'document' ? { file_name: file.name } : {}),
  }
}

/** RFC 8187. */
function encoded(name: string): string {
  return encodeURIComponent(name.replace(/\p{Surrogate}/gu, '_')).replace(/['()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function parseEntry(saved: string | null): OutboxEntry[] {
  try {
    const entry = JSON.parse(saved ?? '') as OutboxEntry
    if (entry.file && !entry.file.media) return [{ ...entry, state: 'refused', problem: kLost }]
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
