import { TriangleAlert } from 'lucide-react'
import { useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../../lib/problem'
import { sendTemplate, type Recipient, type Template } from '../../lib/templates'
import { Button } from '../../ui'
import { TextField } from '../../ui/field'
import { addressOf, check, fieldsOf, kFileField, problemsOf, requestOf, valueOf, type Problems, type Values } from './choice'
import { fileKindOf, readTemplate, type Definition } from './definition'
import { HeaderFile, type ChosenFile } from './header-file'
import { Preview } from './preview'

interface Props {
  template: Template
  recipient: Recipient
  onSent(conversationId: number): void
}

/** One template: how it will look, and what it still needs. */
export function TemplateForm({ template, recipient, onSent }: Props) {
  const { t } = useTranslation('templates')
  const id = useId()
  const [definition] = useState(() => readTemplate(template))
  const [values, setValues] = useState<Values>({})
  const [file, setFile] = useState<ChosenFile | null>(null)
  const [problems, setProblems] = useState<Problems>({})
  const [failure, setFailure] = useState('')
  const [busy, setBusy] = useState(false)

  function show(found: Problems) {
    setProblems(found)
    const first = fieldsOf(definition).find((field) => found[field])
    if (first) document.getElementById(`field-${first}`)?.focus()
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    // Forms in a portal still bubble to the composer's.
    event.stopPropagation()
    setFailure('')
    const ready = file?.mediaId ? { mediaId: file.mediaId, name: file.name } : null
    const found = check(definition, values, ready)
    show(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    try {
      const { conversationId } = await sendTemplate(recipient, requestOf(template, definition, values, ready))
      onSent(conversationId)
    } catch (error) {
      const problem = problemOf(error)
      const atField = problemsOf(problem, definition)
      if (atField) show(atField)
      else setFailure(problem.status === 0 ? t('unreachable') : problem.detail || t('went_wrong'))
    } finally {
      setBusy(false)
    }
  }

  const change = (field: string) => (value: string) => {
    setValues((now) => ({ ...now, [field]: value }))
    setProblems(({ [field]: _, ...others }) => others)
  }
  const wordsOf = (field: string) => {
    const problem = problems[field]
    return problem && ('key' in problem ? t(`problem.${problem.key}`) : problem.words)
  }
  const isFree = fieldsOf(definition).length === 0
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto">
        <div className="grid gap-5 p-4 sm:p-6 lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start">
          <div className="lg:sticky lg:top-6 lg:order-2">
            <Preview definition={definition} values={values} file={file} />
          </div>
          <form id={id} noValidate onSubmit={(event) => void submit(event)} className="flex min-w-0 flex-col gap-4">
            {!template.sendable && (
              <p className="flex gap-2.5 rounded-xl bg-warn-soft p-3 text-[0.8125rem]">
                <TriangleAlert aria-hidden className="mt-px size-4 shrink-0 text-warn" />
                <span>{template.not_sendable_reason ?? t('not_sendable')}</span>
              </p>
            )}
            {template.sendable && isFree && <p className="text-muted">{t('nothing_to_fill')}</p>}
            {template.sendable && (
              <Fields definition={definition} values={values} file={file} wordsOf={wordsOf} change={change} onFile={(next) => {
                setFile(next)
                setProblems(({ [kFileField]: _, ...others }) => others)
              }} />
            )}
            {failure && (
              <p role="alert" className="rounded-xl bg-danger-soft p-3 text-danger">
                {failure}
              </p>
            )}
          </form>
        </div>
      </div>
      <div className="flex justify-end border-t border-border px-4 py-3 pb-[calc(0.75rem+env(safe-area-inset-bottom))] sm:px-6">
        <Button look="primary" type="submit" form={id} disabled={!template.sendable || busy}>
          {t(busy ? 'sending' : 'send')}
        </Button>
      </div>
    </div>
  )
}

interface FieldsProps {
  definition: Definition
  values: Values
  file: ChosenFile | null
  wordsOf(field: string): string | undefined
  change(field: string): (value: string) => void
  onFile(file: ChosenFile | null): void
}

function Fields({ definition, values, file, wordsOf, change, onFile }: FieldsProps) {
  const { t } = useTranslation('templates')
  const { header, variables, buttons } = definition
  const kind = fileKindOf(header)
  const text = (field: string, label: string, more: { example?: string; most?: number; technical?: boolean; help?: string } = {}) => (
    <TextField
      key={field}
      id={`field-${field}`}
      label={label}
      value={valueOf(values, field)}
      onChange={change(field)}
      problem={wordsOf(field)}
      {...(more.example ? { placeholder: t('example', { example: more.example }) } : {})}
      {...(more.most ? { most: more.most } : {})}
      {...(more.help ? { help: more.help } : {})}
      technical={more.technical ?? false}
    />
  )
  return (
    <>
      {header?.format === 'TEXT' && header.variable && text('header.text', t('field.header', { name: header.variable.name }), { example: header.variable.example, most: 60 })}
      {kind && <HeaderFile kind={kind} file={file} onChange={onFile} problem={wordsOf(kFileField)} />}
      {header?.format === 'LOCATION' && (
        <fieldset className="flex flex-col gap-3 rounded-xl border border-border p-3">
          <legend className="px-1 text-[0.8125rem] font-medium">{t('header.LOCATION')}</legend>
          <div className="flex gap-3">
            {text('header.latitude', t('field.latitude'), { technical: true, example: '52.520008' })}
            {text('header.longitude', t('field.longitude'), { technical: true, example: '13.404954' })}
          </div>
          {text('header.name', t('field.place'))}
          {text('header.address', t('field.address'))}
        </fieldset>
      )}
      {variables.map(({ name, example }) => text(`body.${name}`, /^\d+$/u.test(name) ? t('field.numbered', { name }) : name.replaceAll('_', ' '), { example }))}
      {buttons.map((button) => {
        const field = `button.${button.index}`
        const label = button.text || t(`button.${button.kind}`)
        if (button.needs === 'code') return text(field, t('field.code', { button: label }), { example: button.example, most: 15, technical: true })
        if (button.needs !== 'address') return null
        const address = addressOf(button, values)
        return text(field, t('field.link', { button: label }), { example: button.example, technical: true, help: address ? `\u2066${address}\u2069` : `\u2066${button.url}\u2069` })
      })}
    </>
  )
}
