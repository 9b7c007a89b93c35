import type { ConnectionState } from '../inbox'
import { createStore } from '../store'
import type { Tokens } from '../api'
import { kClose, type ClientFrame, type LiveEvent, type PresentAgent, type Ready, type ServerFrame } from './frames'

export interface LiveOptions {
  url: string
  tokens: Tokens
  /** Which of the person's accounts; otherwise that of the oldest membership. */
  accountId?: number | null
  onEvent(event: LiveEvent): void
  /** Events were missed for good: everything shown has to be loaded anew. `catching-up` until it is done; tried
   *  again when it is rejected. */
  onGap(): Promise<void>
  onServerTime?(time: string): void
  random?(): number
}

const kFirstBackOffMs = 500
const kLongestBackOffMs = 20_000
const kSilenceMs = 40_000
const kConnectMs = 10_000
const kTypingEveryMs = 4_000
const kSettleMs = 300
const kPulseMs = 5_000

/** The longest wait before the given attempt (0 is the first after a break); full jitter picks one below it. */
export function backOffCeiling(attempt: number): number {
  return Math.min(kLongestBackOffMs, kFirstBackOffMs * 2 ** Math.min(attempt, 10))
}

/** The stream of events: keeps one socket open, resumes where it broke off, and says honestly how things stand. */
export class LiveSocket {
  readonly state = createStore<ConnectionState>('connecting')
  readonly presence = createStore<readonly PresentAgent[]>([])
  /** When the last frame came while live; null before the first. */
  readonly upToDateAt = createStore<number | null>(null)
  /** The server said that this person may not listen (4403): no more tries. */
  readonly refused = createStore(false)

  private socket: WebSocket | null = null
  /** The present socket has been answered `ready`. */
  private isGreeted = false
  private token: string | null = null
  private epoch: string | null = null
  private offset = 0
  private promised = 0
  private attempt = 0
  private lastFrameAt = 0
  private stopped = false
  private retryTimer: ReturnType<typeof setTimeout> | undefined
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private settling: ReturnType<typeof setTimeout> | undefined
  private pulse: ReturnType<typeof setInterval> | undefined
  private lastPulseAt = 0
  private viewing: number | null = null
  private typing: { conversationId: number; sentAt: number; end: ReturnType<typeof setTimeout> } | null = null

  constructor(private readonly options: LiveOptions) {}

  start(): void {
    window.addEventListener('online', this.wake)
    window.addEventListener('offline', this.onOffline)
    document.addEventListener('visibilitychange', this.wake)
    this.lastPulseAt = Date.now()
    this.pulse = setInterval(this.feelPulse, kPulseMs)
    void this.connect()
  }

  stop(): void {
    this.stopped = true
    window.removeEventListener('online', this.wake)
    window.removeEventListener('offline', this.onOffline)
    document.removeEventListener('visibilitychange', this.wake)
    clearInterval(this.pulse)
    clearTimeout(this.typing?.end)
    this.drop()
  }

  announceViewing(conversationId: number | null): void {
    if (this.viewing === conversationId) return
    this.viewing = conversationId
    this.send({ type: 'viewing', conversation_id: conversationId })
  }

  announceTyping(conversationId: number, typing: boolean): void {
    const before = this.typing
    if (before && (!typing || before.conversationId !== conversationId)) {
      clearTimeout(before.end)
      this.typing = null
      this.send({ type: 'typing', conversation_id: before.conversationId, typing: false })
    }
    if (!typing) return
    const end = setTimeout(() => this.announceTyping(conversationId, false), kTypingEveryMs + 1_000)
    const again = this.typing
    clearTimeout(again?.end)
    const due = !again || Date.now() - again.sentAt >= kTypingEveryMs
    this.typing = { conversationId, end, sentAt: due ? Date.now() : again.sentAt }
    if (due) this.send({ type: 'typing', conversation_id: conversationId, typing: true })
  }

  /** Puts a new token under the open socket. */
  reauthenticate(token: string): void {
    if (!this.isGreeted || token === this.token) return
    this.token = token
    this.send({ type: 'auth', token, ...this.account() })
  }

  /** The server said elsewhere that it cannot work: what its socket says counts no more until it has let us in again. */
  doubt(): void {
    if (this.state.get() === 'live') void this.connect()
  }

  private async connect(): Promise<void> {
    clearTimeout(this.retryTimer)
    this.drop()
    const token = await this.options.tokens.current()
    if (this.stopped || this.socket) return
    if (!token) return this.retry()
    const socket = new WebSocket(this.options.url, 'parley.v1')
    this.socket = socket
    this.token = token
    this.watch(kConnectMs)
    socket.onopen = () => {
      const resume = this.epoch === null ? {} : { resume: { epoch: this.epoch, offset: this.offset } }
      this.send({ type: 'auth', token, ...this.account(), ...resume })
    }
    socket.onmessage = ({ data }) => {
      if (this.socket === socket) this.receive(data)
    }
    socket.onclose = ({ code }) => {
      if (this.socket === socket) void this.closed(code)
    }
  }

  private account(): { account_id?: number } {
    return this.options.accountId ? { account_id: this.options.accountId } : {}
  }

  private receive(data: unknown): void {
    let frame: ServerFrame
    try {
      frame = JSON.parse(String(data)) as ServerFrame
    } catch {
      return
    }
    this.lastFrameAt = Date.now()
    this.watch(kSilenceMs)
    switch (frame.type) {
      case 'ready':
        void this.ready(frame)
        break
      case 'event':
        if (frame.offset <= this.offset) return
        this.offset = frame.offset
        this.options.onEvent(frame)
        if (this.settling) this.settle()
        break
      case 'heartbeat':
        this.heartbeat(frame.offset)
        break
      case 'auth_expiring':
        void this.options.tokens.refreshed().then((token) => token && this.reauthenticate(token))
        break
      case 'presence':
        this.presence.set(frame.agents)
        break
    }
    if (this.state.get() === 'live') this.upToDateAt.set(this.lastFrameAt)
  }

  private async ready(frame: Ready): Promise<void> {
    this.isGreeted = true
    this.options.onServerTime?.(frame.server_time)
    this.send({ type: 'viewing', conversation_id: this.viewing })
    const missed = !frame.recovered || frame.epoch !== this.epoch
    this.epoch = frame.epoch
    if (missed) {
      this.offset = frame.offset
      await this.reload()
    } else {
      this.state.set('catching-up')
      this.settle()
    }
  }

  /** The missed events follow one another closely; a pause, or a heartbeat, means that they are all here. */
  private settle(): void {
    clearTimeout(this.settling)
    this.settling = setTimeout(() => this.live(), kSettleMs)
  }

  private async reload(): Promise<void> {
    const socket = this.socket
    clearTimeout(this.settling)
    this.settling = undefined
    this.promised = 0
    this.state.set('catching-up')
    const isDone = await this.options.onGap().then(
      () => true,
      () => false,
    )
    if (this.socket !== socket || socket === null) return
    if (isDone) return this.live()
    this.epoch = null
    this.drop()
    this.retry()
  }

  private live(): void {
    clearTimeout(this.settling)
    this.settling = undefined
    // Only now: a server that lets one in and then cannot answer should not be asked every second.
    this.attempt = 0
    this.state.set('live')
    this.upToDateAt.set(Date.now())
  }

  /** An offset that was announced one heartbeat ago and has not come since will not come. */
  private heartbeat(offset: number): void {
    if (this.promised > this.offset) {
      this.offset = Math.max(offset, this.promised)
      void this.reload()
      return
    }
    if (this.settling) this.live()
    this.promised = offset
  }

  private async closed(code: number): Promise<void> {
    this.drop()
    if (code === kClose.forbidden) {
      this.refused.set(true)
      this.state.set('offline')
      this.stop()
      return
    }
    if (code === kClose.unauthenticated) {
      const first = this.attempt++ === 0
      const token = await this.options.tokens.refreshed()
      if (this.stopped || this.socket) return
      if (token && first) return void this.connect()
    }
    this.retry()
  }

  private retry(): void {
    if (this.stopped) return
    this.state.set('offline')
    const random = this.options.random ?? Math.random
    const delay = random() * backOffCeiling(this.attempt++)
    clearTimeout(this.retryTimer)
    this.retryTimer = setTimeout(() => void this.connect(), delay)
  }

  /** The network is back or the page is looked at again: no waiting, and no trust in a socket that has been silent. */
  private readonly wake = (): void => {
    if (this.stopped || document.visibilityState === 'hidden') return
    if (this.socket && Date.now() - this.lastFrameAt < kSilenceMs / 2) return
    if (this.socket?.readyState === WebSocket.CONNECTING) return
    void this.connect()
  }

  /** Timers stand still while a computer sleeps, and the socket's end is not told: only the clock has moved. */
  private readonly feelPulse = (): void => {
    const slept = Date.now() - this.lastPulseAt > kPulseMs + kSilenceMs / 2
    this.lastPulseAt = Date.now()
    if (slept) this.wake()
  }

  private readonly onOffline = (): void => {
    this.drop()
    this.retry()
  }

  private watch(ms: number): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => {
      this.drop()
      this.retry()
    }, ms)
  }

  private drop(): void {
    clearTimeout(this.watchdog)
    clearTimeout(this.retryTimer)
    clearTimeout(this.settling)
    this.settling = undefined
    this.promised = 0
    const socket = this.socket
    this.socket = null
    this.isGreeted = false
    socket?.close()
    if (this.state.get() !== 'offline') this.state.set('connecting')
    this.presence.set([])
  }

  private send(frame: ClientFrame): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame))
  }
}
