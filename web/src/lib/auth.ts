// Signing in and the session, by supabase-js against the built-in sign-in or a Supabase project.
import { createClient, type Session, type SupabaseClient } from '@supabase/supabase-js'
import type { Tokens } from './api'
import type { Config } from './config'
import { createStore } from './store'

export interface Person {
  userId: string
  email: string
  name: string
}
/** undefined until it is known. `ended` says that a session ran out, as opposed to being signed out by its owner. */
export interface SignIn {
  person: Person | null | undefined
  ended: boolean
}
export type SignInProblem =
  | { kind: 'wrong' }
  | { kind: 'too-many'; seconds: number }
  | { kind: 'unreachable' }
  | { kind: 'other'; detail: string }

export interface Auth {
  readonly signIn: ReturnType<typeof createStore<SignIn>>
  readonly tokens: Tokens
  signInWithPassword(email: string, password: string): Promise<SignInProblem | null>
  signOut(): Promise<void>
  /** Called with every new access token. */
  onToken(listener: (token: string) => void): () => void
}

const kDeadlineMs = 10_000

export function createAuth(config: Config): Auth {
  let retryAfter = 0
  const client: SupabaseClient = createClient(config.auth_url || location.origin, config.auth_key || 'parley', {
    auth: { detectSessionInUrl: false },
    global: {
      async fetch(input, init) {
        const response = await inTime(input, init)
        if (response.status !== 429) return response
        retryAfter = Number(response.headers.get('Retry-After')) || 0
        // The client takes any refusal of a renewal for the end of the session, but not that the server is away.
        return isRenewal(input) ? new Response(null, { status: 503 }) : response
      },
    },
  })
  const signIn = createStore<SignIn>({ person: undefined, ended: false })
  const listeners = new Set<(token: string) => void>()
  const hadSession = savedSessions().length > 0
  let leaving = false
  let refreshing: Promise<string | null> | null = null

  client.auth.onAuthStateChange((event, session) => {
    const before = signIn.get().person
    // Kept although it could not be renewed: the server is away and the client goes on trying.
    if (!session && savedSessions().length > 0) return
    const person = session ? personOf(session) : null
    const ended = person === null && (before === undefined ? hadSession : before !== null) && !leaving
    const isSame = before?.userId === person?.userId && before?.name === person?.name && before !== undefined
    if (!isSame) signIn.set({ person, ended })
    if (session && event === 'TOKEN_REFRESHED') for (const listener of listeners) listener(session.access_token)
  })

  // What another tab could not tell because its sign-out did not reach the server.
  window.addEventListener('storage', ({ key, newValue }) => {
    if (key !== null && isSession(key) && newValue === null) signIn.set((now) => (now.person ? { person: null, ended: true } : now))
  })

  async function refresh(): Promise<string | null> {
    const { data, error } = await client.auth.refreshSession()
    // The client keeps a session whose token has time left; but the server has just refused that token and its renewal.
    if (error && [400, 401, 403].includes(error.status ?? 0)) await leave()
    return data.session?.access_token ?? null
  }
  async function leave(): Promise<void> {
    const ended = !leaving
    const { error } = await client.auth.signOut({ scope: 'local' })
    if (!error) return
    // The server could not be told; whoever leaves this browser has left it all the same.
    for (const key of savedSessions()) localStorage.removeItem(key)
    signIn.set({ person: null, ended })
  }

  return {
    signIn,
    tokens: {
      async current() {
        return (await client.auth.getSession()).data.session?.access_token ?? null
      },
      refreshed() {
        refreshing ??= refresh().finally(() => (refreshing = null))
        return refreshing
      },
    },
    async signInWithPassword(email, password) {
      leaving = false
      retryAfter = 0
      const { error } = await client.auth.signInWithPassword({ email, password })
      if (!error) return null
      if (error.status === 429) return { kind: 'too-many', seconds: retryAfter || 60 }
      if (error.name === 'AuthRetryableFetchError' || (error.status ?? 0) >= 500) return { kind: 'unreachable' }
      if (error.code === 'invalid_credentials') return { kind: 'wrong' }
      return { kind: 'other', detail: error.message }
    },
    async signOut() {
      leaving = true
      await leave()
    },
    onToken(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Where supabase-js keeps a session in this browser, fresh or not. */
function savedSessions(): string[] {
  return Object.keys(localStorage).filter(isSession)
}

function isSession(key: string): boolean {
  return /^sb-.*-auth-token$/.test(key)
}

/** Everything waits for a token; on a line that has fallen silent it would wait for minutes. */
async function inTime(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), kDeadlineMs)
  try {
    return await fetch(input, { ...init, signal: deadline.signal })
  } finally {
    clearTimeout(timer)
  }
}

function isRenewal(input: RequestInfo | URL): boolean {
  const url = input instanceof Request ? input.url : String(input)
  return new URL(url, location.origin).searchParams.get('grant_type') === 'refresh_token'
}

function personOf({ user }: Session): Person {
  const email = user.email ?? ''
  const data = user.user_metadata
  const name: unknown = data.name ?? data.full_name ?? data.display_name
  return { userId: user.id, email, name: typeof name === 'string' && name !== '' ? name : email }
}
