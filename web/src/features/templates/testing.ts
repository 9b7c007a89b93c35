import type { Template } from '../../lib/templates'

export function aTemplate(components: unknown[], changes: Partial<Template> = {}): Template {
  return {
    id: '1',
    waba_id: 'w1',
    name: 'order_update',
    language: 'en_US',
    category: 'UTILITY',
    status: 'APPROVED',
    parameter_format: 'POSITIONAL',
    components,
    quality: null,
    rejected_reason: null,
    sendable: true,
    not_sendable_reason: null,
    synced_at: null,
    ...changes,
  }
}
