// Calls that change and remove. They answer and fail as those of Api do.
import { accountHeader } from './account'
import type { Tokens } from './api'
import { ProblemError, problemFrom } from './problem'

const kDeadlineMs = 60_000

export interface Rest {
  patch<T>(path: string, body: unknown): Promise<T>
  remove<T>(path: string): Promise<T>
}

export function createRest(tokens: Tokens): Rest {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const send = async (token: string | null) => {
      const headers = {
        ...accountHeader(),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      }
      const init = { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: AbortSignal.timeout(kDeadlineMs) }
      try {
        return await fetch(path, init)
      } catch {
        throw new ProblemError({ code: 'unreachable', detail: 'The server cannot be reached.', status: 0 })
      }
    }
    let answer = await send(await tokens.current())
    const renewed = answer.status === 401 ? await tokens.refreshed() : null
    if (renewed) answer = await send(renewed)
    if (!answer.ok) throw new ProblemError(await problemFrom(answer))
    return (await answer.json()) as T
  }
  return {
    patch: (path, body) => call('PATCH', path, body),
    remove: (path) => call('DELETE', path),
  }
}

let current: Rest | null = null

export function startRest(tokens: Tokens): void {
  current = createRest(tokens)
}

export function rest(): Rest {
  if (!current) throw new Error('Nobody is signed in.')
  return current
}
