import { Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Template } from '../../lib/templates'
import { cx } from '../../ui'
import { excerptOf } from './definition'

interface Props {
  templates: Template[]
  chosenId: string | null
  onChoose(template: Template): void
}

const kFilters = ['language', 'category', 'status'] as const
type Filter = (typeof kFilters)[number]

export function TemplateList({ templates, chosenId, onChoose }: Props) {
  const { t, i18n } = useTranslation('templates')
  const [words, setWords] = useState('')
  const [filters, setFilters] = useState<Partial<Record<Filter, string>>>({})
  const rows = useMemo(() => templates.map((template) => ({ template, excerpt: excerptOf(template) })), [templates])
  const shown = useMemo(() => {
    const wanted = words.trim().toLocaleLowerCase()
    return rows
      .filter(({ template, excerpt }) => kFilters.every((filter) => !filters[filter] || template[filter] === filters[filter]) && `${template.name} ${template.name.replaceAll('_', ' ')} ${excerpt}`.toLocaleLowerCase().includes(wanted))
      .sort((a, b) => Number(b.template.sendable) - Number(a.template.sendable) || a.template.name.localeCompare(b.template.name))
  }, [rows, words, filters])
  const names = useLanguageNames(i18n.language)
  const wordOf = (filter: Filter, value: string) => (filter === 'language' ? names(value) : t(`${filter}.${value}`, { defaultValue: value }))
  return (
    <>
      <div className="flex flex-col gap-2 p-3">
        <label className="relative block">
          <span className="sr-only">{t('search')}</span>
          <Search aria-hidden className="pointer-events-none absolute start-3 top-2.5 size-4 text-muted" />
          <input
            type="search"
            dir="auto"
            value={words}
            placeholder={t('search')}
            onChange={(event) => setWords(event.target.value)}
            className="h-9 w-full rounded-lg border border-border-strong bg-surface ps-9 pe-2 text-base placeholder:text-muted sm:text-sm"
          />
        </label>
        <div className="flex gap-1.5">
          {kFilters.map((filter) => {
            const values = [...new Set(templates.map((template) => template[filter]))].sort()
            return (
              <select
                key={filter}
                aria-label={t(`filter.${filter}`)}
                value={filters[filter] ?? ''}
                onChange={(event) => setFilters((now) => ({ ...now, [filter]: event.target.value }))}
                className="h-8 min-w-0 flex-1 truncate rounded-lg border border-border-strong bg-surface px-1.5 text-[0.8125rem]"
              >
                <option value="">{t(`filter.${filter}`)}</option>
                {values.map((value) => (
                  <option key={value} value={value}>
                    {wordOf(filter, value)}
                  </option>
                ))}
              </select>
            )
          })}
        </div>
        <p role="status" className="sr-only">
          {t('found', { count: shown.length })}
        </p>
      </div>
      <ul aria-label={t('title')} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {shown.length === 0 && <li className="p-6 text-center text-muted">{t('none_found')}</li>}
        {shown.map(({ template, excerpt }) => (
          <li key={`${template.waba_id}.${template.id}`}>
            <button
              type="button"
              aria-current={template.id === chosenId}
              onClick={() => onChoose(template)}
              className={cx('block w-full rounded-lg px-3 py-2.5 text-start -outline-offset-2', template.id === chosenId ? 'bg-accent-soft' : 'hover:bg-surface-3')}
            >
              <span className={cx('block truncate font-medium', !template.sendable && 'text-muted')}>
                <bdi>{template.name}</bdi>
              </span>
              <span dir="auto" className="mt-0.5 line-clamp-2 text-[0.8125rem] text-muted">
                {excerpt}
              </span>
              <span className="mt-1.5 flex flex-wrap gap-1">
                <Badge>{names(template.language)}</Badge>
                <Badge>{wordOf('category', template.category)}</Badge>
                {template.status !== 'APPROVED' && <Badge look="bg-warn-soft text-warn">{wordOf('status', template.status)}</Badge>}
                {template.quality === 'RED' && <Badge look="bg-danger-soft text-danger">{t('quality.RED')}</Badge>}
              </span>
              {!template.sendable && template.status === 'APPROVED' && template.not_sendable_reason && <span className="mt-1 block text-xs text-warn">{template.not_sendable_reason}</span>}
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

function Badge({ look = 'bg-surface-3 text-muted', children }: { look?: string; children: string }) {
  return <bdi className={cx('rounded px-1.5 text-xs leading-5 font-medium', look)}>{children}</bdi>
}

/** "Portuguese (Brazil)" for pt_BR. */
function useLanguageNames(language: string): (code: string) => string {
  return useMemo(() => {
    const names = new Intl.DisplayNames(language, { type: 'language' })
    return (code) => {
      try {
        return names.of(code.replaceAll('_', '-')) ?? code
      } catch {
        return code
      }
    }
  }, [language])
}
