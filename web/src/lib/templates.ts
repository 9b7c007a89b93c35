// Message templates: the list, and sending one.
import { queryOptions } from '@tanstack/react-query'
import type { components } from './api.gen'
import type { FileKind, Media, TemplateChoice } from './message-shapes'
import { newClientId } from './outbox'
import { isPassing, problemOf } from './problem'
import { workspace } from './workspace'

export type Template = components['schemas']['MessageTemplate']
export type SyncProblem = components['schemas']['SyncProblem']
export interface TemplateList {
  templates: Template[]
  synced_at: string | null
  syncs: { waba_id: string; synced_at: string | null; sync_problem: SyncProblem | null }[]
}
interface Page extends TemplateList {
  next_offset: number | null
}

const kPath = '/api/live-chat/templates'
/** More than Meta lets a business have. */
const kMostPages = 50

/** All templates that this number can send; searching and choosing among them needs no server. */
export function templatesQuery(phoneNumberId: string) {
  return queryOptions({
    queryKey: ['templates', phoneNumberId] as const,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<TemplateList> => {
      const templates: Template[] = []
      let offset: number | null = 0
      for (let n = 0; ; ++n) {
        const page: Page = await workspace().api.get<Page>(kPath, { phone_number_id: phoneNumberId, offset }, signal)
        templates.push(...page.templates)
        offset = page.next_offset ?? null
        if (offset === null || n === kMostPages) return { templates, synced_at: page.synced_at, syncs: page.syncs ?? [] }
      }
    },
  })
}

/** Lets the server read the lists from Meta now. */
export async function syncTemplates(): Promise<{ synced: number; problems: { sync_problem: SyncProblem }[] }> {
  const { api, queries } = workspace()
  const answer = await api.post<{ synced: number; problems?: { sync_problem: SyncProblem }[] }>(`${kPath}/sync`)
  await queries.invalidateQueries({ queryKey: ['templates'] })
  return { ...answer, problems: answer.problems ?? [] }
}

export async function uploadHeader(file: File, kind: FileKind, signal: AbortSignal, onProgress: (share: number) => void): Promise<Media> {
  const headers = {
    'Content-Type': file.type || 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name).replace(/['()*]/gu, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`,
  }
  const { media } = await workspace().api.upload<{ media: Media }>(`/api/live-chat/media?kind=${kind}`, file, { headers, signal, onProgress })
  return media
}

/** An open conversation, or somebody who is written to for the first time. */
export type Recipient = { conversationId: number } | { phoneNumberId: string; to: string }

/** Keys of messages whose fate is open, so that trying again does not send twice. */
const openKeys = new Map<string, string>()

/** Rejected when nothing was stored (see problemOf); what was stored and then refused by Meta shows in its thread. */
export async function sendTemplate(recipient: Recipient, template: TemplateChoice): Promise<{ conversationId: number }> {
  const whom =
    'conversationId' in recipient
      ? { conversation_id: recipient.conversationId }
      : { phone_number_id: recipient.phoneNumberId, to: recipient.to }
  const body = { ...whom, message_type: 'template', template }
  const wish = JSON.stringify(body)
  const key = openKeys.get(wish) ?? newClientId()
  openKeys.set(wish, key)
  try {
    const answer = await workspace().api.post<{ conversation_id: number }>('/api/live-chat/send-message', { ...body, client_message_id: key })
    openKeys.delete(wish)
    return { conversationId: answer.conversation_id }
  } catch (error) {
    const problem = problemOf(error)
    const isStored = problem.code === 'send_failed' && typeof problem.conversation_id === 'number'
    if (isStored || !isPassing(problem)) openKeys.delete(wish)
    if (isStored) return { conversationId: problem.conversation_id as number }
    throw error
  }
}
