import { accountHeader } from './account'
import { ProblemError, problemFrom } from './problem'

/** Access tokens; `refreshed` asks for a new one when the server did not take the present one. */
export interface Tokens {
  current(): Promise<string | null>
  refreshed(): Promise<string | null>
}

export interface Api {
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T>
  post<T>(path: string, body?: unknown, headers?: Record<string, string>): Promise<T>
  patch<T>(path: string, body: unknown): Promise<T>
  remove<T>(path: string): Promise<T>
  /** A file; takes as long as it takes. */
  file(path: string, signal?: AbortSignal): Promise<Blob>
  upload<T>(path: string, file: Blob, options?: UploadOptions): Promise<T>
}
export interface UploadOptions {
  headers?: Record<string, string>
  signal?: AbortSignal
  /** From 0 to 1. */
  onProgress?(share: number): void
}
export type Query = Record<string, string | number | boolean | null | undefined>

const kDeadlineMs = 20_000

/** The server's API. A call is rejected with ProblemError, or with an AbortError when its signal says so. `onAway` is
 *  told when the server was not reached, or says that it cannot work now. */
export function createApi(tokens: Tokens, onAway: () => void = () => {}): Api {
  /** Once more with a new token, when the present one is not taken. */
  async function ask(attempt: (token: string | null) => Promise<Response>): Promise<Response> {
    const response = await attempt(await tokens.current())
    if (response.status !== 401) return response
    const token = await tokens.refreshed()
    return token ? attempt(token) : response
  }
  async function call<T>(attempt: (token: string | null) => Promise<Response>, read: (answer: Response) => Promise<T>): Promise<T> {
    try {
      const response = await ask(attempt)
      if (!response.ok) throw new ProblemError(await problemFrom(response))
      return await read(response)
    } catch (error) {
      if (error instanceof ProblemError && [0, 503].includes(error.problem.status)) onAway()
      throw error
    }
  }
  const asJson = <T>(answer: Response) => answer.json() as Promise<T>
  function tell<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const init = {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    }
    return call((token) => attempt(path, init, token), asJson<T>)
  }
  return {
    get: <T>(path: string, query?: Query, signal?: AbortSignal) =>
      call((token) => attempt(path + queryString(query), { method: 'GET' }, token, signal), asJson<T>),
    post: <T>(path: string, body?: unknown, headers?: Record<string, string>) => tell<T>('POST', path, body, headers),
    patch: <T>(path: string, body: unknown) => tell<T>('PATCH', path, body),
    remove: <T>(path: string) => tell<T>('DELETE', path),
    file: (path, signal) => call((token) => download(path, token, signal), (answer) => read(answer, signal)),
    upload: <T>(path: string, file: Blob, options: UploadOptions = {}) =>
      call((token) => upload(path, file, token, options), asJson<T>),
  }
}

const unreachable = () => new ProblemError({ code: 'unreachable', detail: 'The server cannot be reached.', status: 0 })
/** Who is calling, and about which of their accounts. */
const authorization = (token: string | null): Record<string, string> => ({
  ...accountHeader(),
  ...(token ? { Authorization: `Bearer ${token}` } : {}),
})

async function download(path: string, token: string | null, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, { headers: authorization(token), ...(signal ? { signal } : {}) })
  } catch (error) {
    throw signal?.aborted ? error : unreachable()
  }
}

async function read(answer: Response, signal?: AbortSignal): Promise<Blob> {
  try {
    return await answer.blob()
  } catch (error) {
    throw signal?.aborted ? error : unreachable()
  }
}

/** By XMLHttpRequest, because fetch tells nothing of how far it is. */
function upload(path: string, file: Blob, token: string | null, { headers, signal, onProgress }: UploadOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    request.open('POST', path)
    for (const [name, value] of Object.entries({ ...headers, ...authorization(token) })) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0)
    request.onload = () => {
      const retryAfter = request.getResponseHeader('Retry-After')
      const body = request.status === 204 ? null : request.responseText
      resolve(new Response(body, { status: request.status, headers: retryAfter ? { 'Retry-After': retryAfter } : {} }))
    }
    request.onerror = () => reject(unreachable())
    request.onabort = () => reject(new DOMException('Cancelled.', 'AbortError'))
    request.onloadend = () => signal?.removeEventListener('abort', abort)
    if (signal?.aborted) return void reject(new DOMException('Cancelled.', 'AbortError'))
    signal?.addEventListener('abort', abort)
    request.send(file)
  })
}

async function attempt(path: string, init: RequestInit, token: string | null, outer?: AbortSignal): Promise<Response> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), kDeadlineMs)
  const abort = () => deadline.abort()
  outer?.addEventListener('abort', abort)
  try {
    const headers = { ...init.headers, ...authorization(token) }
    return await fetch(path, { ...init, headers, signal: deadline.signal, cache: 'no-store' })
  } catch (error) {
    if (outer?.aborted) throw error
    throw unreachable()
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
