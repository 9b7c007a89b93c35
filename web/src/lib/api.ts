import { ProblemError, problemFrom } from './problem'

/** Access tokens; `refreshed` asks for a new one when the server did not take the present one. */
export interface Tokens {
  current(): Promise<string | null>
  refreshed(): Promise<string | null>
}

export interface Api {
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T>
  post<T>(path: string, body?: unknown, headers?: Record<string, string>): Promise<T>
}
export type Query = Record<string, string | number | boolean | null | undefined>

const kDeadlineMs = 20_000

/** The server's API. A call is rejected with ProblemError, or with an AbortError when its signal says so. `onAway` is
 *  told when the server was not reached, or says that it cannot work now. */
export function createApi(tokens: Tokens, onAway: () => void = () => {}): Api {
  async function ask(path: string, init: RequestInit, outerSignal?: AbortSignal): Promise<Response> {
    const response = await attempt(path, init, await tokens.current(), outerSignal)
    if (response.status !== 401) return response
    const token = await tokens.refreshed()
    return token ? attempt(path, init, token, outerSignal) : response
  }
  async function call<T>(path: string, init: RequestInit, outerSignal?: AbortSignal): Promise<T> {
    try {
      const response = await ask(path, init, outerSignal)
      if (!response.ok) throw new ProblemError(await problemFrom(response))
      return (await response.json()) as T
    } catch (error) {
      if (error instanceof ProblemError && [0, 503].includes(error.problem.status)) onAway()
      throw error
    }
  }
  return {
    get: (path, query, signal) => call(path + queryString(query), { method: 'GET' }, signal),
    post: (path, body, headers) =>
      call(path, {
        method: 'POST',
        headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
      }),
  }
}

async function attempt(path: string, init: RequestInit, token: string | null, outer?: AbortSignal): Promise<Response> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), kDeadlineMs)
  const abort = () => deadline.abort()
  outer?.addEventListener('abort', abort)
  try {
    const headers = { ...init.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) }
    return await fetch(path, { ...init, headers, signal: deadline.signal, cache: 'no-store' })
  } catch (error) {
    if (outer?.aborted) throw error
    throw new ProblemError({ code: 'unreachable', detail: 'The server cannot be reached.', status: 0 })
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', abort)
  }
}

function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}
