import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws'
import { anEvent } from '../../../tests/builders'
import type { LiveEvent } from './frames'
import { backOffCeiling, LiveSocket, type LiveOptions } from './socket'

interface Peer {
  socket: ServerSocket
  /** What the page sent, in order. */
  heard: Record<string, unknown>[]
  say(frame: object): void
}

let server: WebSocketServer
let peers: Peer[]
let client: LiveSocket | undefined

beforeEach(async () => {
  peers = []
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => [...offered][0] ?? false })
  await once(server, 'listening')
  server.on('connection', (socket) => {
    const peer: Peer = { socket, heard: [], say: (frame) => socket.send(JSON.stringify(frame)) }
    socket.on('message', (data) => peer.heard.push(JSON.parse(String(data)) as Record<string, unknown>))
    peers.push(peer)
  })
})
afterEach(() => {
  client?.stop()
  client = undefined
  for (const { socket } of peers) socket.terminate()
  server.close()
})

function connect(options: Partial<LiveOptions> = {}) {
  const events: LiveEvent[] = []
  const tokens = { current: vi.fn(async () => 't1'), refreshed: vi.fn(async () => 't2' as string | null) }
  const onGap = vi.fn(async () => {})
  const { port } = server.address() as AddressInfo
  client = new LiveSocket({
    url: `ws://127.0.0.1:${port}`,
    tokens,
    onGap,
    onEvent: (event) => events.push(event),
    random: () => 0,
    ...options,
  })
  client.start()
  return { live: client, events, tokens, onGap }
}

/** The nth connection, once it has introduced itself. */
async function peer(n = 0): Promise<Peer> {
  return vi.waitFor(() => {
    const found = peers[n]
    if (!found || found.heard.length === 0) throw new Error(`no connection ${n}`)
    return found
  })
}
const ready = (offset: number, recovered: boolean, epoch = 'e1') => ({
  type: 'ready',
  epoch,
  offset,
  recovered,
  user_id: 'u1',
  server_time: new Date().toISOString(),
})
const becomes = (live: LiveSocket, state: string) => vi.waitFor(() => expect(live.state.get()).toBe(state))

describe('the stream of events', () => {
  it('introduces itself, loads everything once, and is live', async () => {
    const { live, onGap } = connect()
    const first = await peer()
    expect(first.socket.protocol).toBe('parley.v1')
    expect(first.heard[0]).toEqual({ type: 'auth', token: 't1' })
    expect(live.state.get()).toBe('connecting')
    first.say(ready(10, false))
    await becomes(live, 'live')
    expect(onGap).toHaveBeenCalledTimes(1)
  })

  it('says that it catches up until everything is loaded', async () => {
    let done = () => {}
    const { live } = connect({ onGap: () => new Promise((resolve) => (done = resolve)) })
    ;(await peer()).say(ready(10, false))
    await becomes(live, 'catching-up')
    done()
    await becomes(live, 'live')
  })

  it('passes events on once, in order of their offsets', async () => {
    const { live, events } = connect()
    const first = await peer()
    first.say(ready(10, false))
    await becomes(live, 'live')
    for (const offset of [10, 11, 12, 12, 11, 13]) first.say(anEvent(offset, {}))
    await vi.waitFor(() => expect(events.map(({ offset }) => offset)).toEqual([11, 12, 13]))
  })

  it('resumes where it broke off and is live again when the missed ones are in', async () => {
    const { live, events, onGap } = connect()
    const first = await peer()
    first.say(ready(10, false))
    await becomes(live, 'live')
    first.say(anEvent(11, {}))
    await vi.waitFor(() => expect(events.length).toBe(1))
    first.socket.close(1012)

    const second = await peer(1)
    expect(second.heard[0]).toEqual({ type: 'auth', token: 't1', resume: { epoch: 'e1', offset: 11 } })
    second.say(ready(11, true))
    await becomes(live, 'catching-up')
    second.say(anEvent(12, {}))
    second.say(anEvent(13, {}))
    second.say({ type: 'heartbeat', offset: 13 })
    await becomes(live, 'live')
    expect(events.map(({ offset }) => offset)).toEqual([11, 12, 13])
    expect(onGap).toHaveBeenCalledTimes(1)
  })

  it('loads everything anew when the server cannot resume', async () => {
    const { live, onGap } = connect()
    const first = await peer()
    first.say(ready(10, false))
    await becomes(live, 'live')
    first.socket.close(1013)
    ;(await peer(1)).say(ready(3, false, 'e2'))
    await vi.waitFor(() => expect(onGap).toHaveBeenCalledTimes(2))
    await becomes(live, 'live')
  })

  it('loads everything anew when what a heartbeat announced never comes', async () => {
    const { live, onGap } = connect()
    const first = await peer()
    first.say(ready(10, false))
    await becomes(live, 'live')
    first.say({ type: 'heartbeat', offset: 12 })
    first.say({ type: 'heartbeat', offset: 12 })
    await vi.waitFor(() => expect(onGap).toHaveBeenCalledTimes(2))
  })

  it('refreshes the session after 4401', async () => {
    const { live, tokens } = connect()
    const first = await peer()
    tokens.current.mockResolvedValue('t2')
    first.socket.close(4401)
    const second = await peer(1)
    expect(tokens.refreshed).toHaveBeenCalledTimes(1)
    expect(second.heard[0]).toMatchObject({ token: 't2' })
    second.say(ready(1, false))
    await becomes(live, 'live')
  })

  it('gives up after 4403 and says so', async () => {
    const { live } = connect()
    ;(await peer()).socket.close(4403)
    await vi.waitFor(() => expect(live.refused.get()).toBe(true))
    window.dispatchEvent(new Event('online'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(peers.length).toBe(1)
    expect(live.state.get()).toBe('offline')
  })

  it('puts a fresh token under the socket before the old one expires', async () => {
    const { live } = connect()
    const first = await peer()
    first.say(ready(1, false))
    await becomes(live, 'live')
    first.say({ type: 'auth_expiring', expires_at: new Date().toISOString() })
    await vi.waitFor(() => expect(first.heard.at(-1)).toEqual({ type: 'auth', token: 't2' }))
    // Whoever else has heard of it need not say it again.
    const said = first.heard.length
    live.reauthenticate('t2')
    live.announceViewing(3)
    await vi.waitFor(() => expect(first.heard.length).toBe(said + 1))
    expect(first.heard.at(-1)).toEqual({ type: 'viewing', conversation_id: 3 })
  })

  it('reconnects at once when the network is back', async () => {
    const { live } = connect({ random: () => 1 })
    const first = await peer()
    first.say(ready(1, false))
    await becomes(live, 'live')
    window.dispatchEvent(new Event('offline'))
    expect(live.state.get()).toBe('offline')
    const before = Date.now()
    window.dispatchEvent(new Event('online'))
    await peer(1)
    expect(Date.now() - before).toBeLessThan(400)
  })

  describe('after a sleep', () => {
    const sleep = (ms: number) => {
      const wokenAt = Date.now() + ms
      vi.spyOn(Date, 'now').mockImplementation(() => wokenAt)
    }

    it('asks for what it missed, and loads everything anew when that is too much', async () => {
      const { live, onGap } = connect()
      const first = await peer()
      first.say(ready(10, false))
      await becomes(live, 'live')
      sleep(9 * 3_600_000)
      window.dispatchEvent(new Event('online'))
      const second = await peer(1)
      expect(live.state.get()).toBe('connecting')
      expect(second.heard[0]).toMatchObject({ resume: { epoch: 'e1', offset: 10 } })
      second.say(ready(9_000, false))
      await vi.waitFor(() => expect(onGap).toHaveBeenCalledTimes(2))
      await becomes(live, 'live')
    })

    it('notices it by the clock alone', async () => {
      const intervals = vi.spyOn(globalThis, 'setInterval')
      const { live } = connect()
      const first = await peer()
      first.say(ready(10, false))
      await becomes(live, 'live')
      const beat = intervals.mock.calls.at(-1)?.[0] as () => void
      beat()
      sleep(3_600_000)
      beat()
      expect((await peer(1)).heard[0]).toMatchObject({ resume: { offset: 10 } })
    })
  })

  it('does not call itself live while the server says elsewhere that it cannot work', async () => {
    const { live } = connect()
    ;(await peer()).say(ready(10, false))
    await becomes(live, 'live')
    live.doubt()
    ;(await peer(1)).socket.close(1013)
    await becomes(live, 'offline')
    ;(await peer(2)).say(ready(10, true))
    await becomes(live, 'live')
  })

  it('asks ever less often when it is let in but what it missed cannot be loaded', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    connect({ random: () => 0.01, onGap: vi.fn(() => Promise.reject(new Error('away'))) })
    for (let n = 0; n < 5; n += 1) (await peer(n)).say(ready(10, false))
    await peer(5)
    expect(timers.mock.calls.map(([, delay]) => delay)).toEqual(expect.arrayContaining([5, 10, 20, 40, 80]))
  })

  it('tells what is open and who writes, anew after a break', async () => {
    const { live } = connect()
    const first = await peer()
    first.say(ready(1, false))
    await becomes(live, 'live')
    live.announceViewing(7)
    live.announceTyping(7, true)
    live.announceTyping(7, true)
    live.announceTyping(7, false)
    await vi.waitFor(() =>
      expect(first.heard.slice(2)).toEqual([
        { type: 'viewing', conversation_id: 7 },
        { type: 'typing', conversation_id: 7, typing: true },
        { type: 'typing', conversation_id: 7, typing: false },
      ]),
    )
    first.say({ type: 'presence', agents: [{ user_id: 'u2', name: 'Bruno', viewing: [7], typing: [] }] })
    await vi.waitFor(() => expect(live.presence.get().length).toBe(1))
    first.socket.close(1012)
    const second = await peer(1)
    expect(live.presence.get()).toEqual([])
    second.say(ready(1, true))
    await vi.waitFor(() => expect(second.heard.at(-1)).toEqual({ type: 'viewing', conversation_id: 7 }))
  })
})

describe('the back-off', () => {
  it('doubles from half a second up to 20 s', () => {
    expect([0, 1, 2, 5, 6, 1000].map(backOffCeiling)).toEqual([500, 1000, 2000, 16000, 20000, 20000])
  })
})
