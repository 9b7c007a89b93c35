// What went wrong, as the server says it (RFC 9457), or as we say it when the server could not be asked.

/** `code` is stable: the server's, or ours: `unreachable` (no answer), `bad_answer` (not what the contract says).
 *  `status` is the HTTP status, 0 when there was none. */
export interface Problem {
  code: string
  detail: string
  status: number
  [extra: string]: unknown
}

export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  return { code: 'unreachable', detail: error instanceof Error ? error.message : String(error), status: 0 }
}

/** Whether the same request may succeed later without a change to it. */
export function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500
}

export async function problemFrom(response: Response): Promise<Problem> {
  const fallback = { code: 'bad_answer', detail: response.statusText, status: response.status }
  const body: unknown = await response.json().catch(() => null)
  const retryAfter = Number(response.headers.get('Retry-After'))
  const extra = retryAfter > 0 ? { retry_after: retryAfter } : {}
  if (typeof body !== 'object' || body === null || !('code' in body)) return { ...fallback, ...extra }
  // The status of a failed send is a message's ("failed"); ours is always the HTTP status.
  return { ...fallback, ...extra, ...(body as Partial<Problem>), status: response.status }
}
