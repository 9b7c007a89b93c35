import { LocateFixed, Plus, Trash2 } from 'lucide-react'
import { useId, useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Structured } from '../../../lib/message-shapes'
import { Button, Dialog, IconButton } from '../../../ui'
import type { Form } from '../attach-menu'
import { kEmpty, kMost, readContact, readCoordinates, readInteractive, type Draft, type Problems } from './checks'
import { Field, Group } from './fields'

interface Props {
  form: Form
  onSend(content: Structured): void
  onClose(): void
}

/** The dialog in which a structured message is put together. */
export default function FormDialog({ form, onSend, onClose }: Props) {
  const { t } = useTranslation('thread')
  const id = useId()
  const send = (content: Structured) => {
    onSend(content)
    onClose()
  }
  const part = { id, onSend: send }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(`form.title.${form}`)}
      description={t(`form.help.${form}`)}
      footer={
        <>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
          <Button look="primary" type="submit" form={id}>
            {t('composer.send')}
          </Button>
        </>
      }
    >
      {form === 'location' ? <LocationForm {...part} /> : form === 'contact' ? <ContactForm {...part} /> : <InteractiveForm {...part} type={form} />}
    </Dialog>
  )
}

interface PartProps {
  id: string
  onSend(content: Structured): void
}

function Shell({ id, onSubmit, children }: { id: string; onSubmit(): void; children: ReactNode }) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    // Forms in a portal still bubble to the composer's.
    event.stopPropagation()
    onSubmit()
  }
  return (
    <form id={id} noValidate onSubmit={submit} className="flex flex-col gap-3">
      {children}
    </form>
  )
}

/** Words for the problem of a field, if it has one. */
function useProblems(): [(field: string) => { problem?: string }, (problems: Problems) => void] {
  const { t } = useTranslation('thread')
  const [problems, setProblems] = useState<Problems>({})
  const of = (field: string) => {
    const key = problems[field]
    return key ? { problem: t(`form.problem.${key}`) } : {}
  }
  return [of, setProblems]
}

function LocationForm({ id, onSend }: PartProps) {
  const { t } = useTranslation('thread')
  const [of, setProblems] = useProblems()
  const [latitude, setLatitude] = useState('')
  const [longitude, setLongitude] = useState('')
  const [name, setName] = useState('')
  const [address, setAddress] = useState('')
  const [asking, setAsking] = useState<'idle' | 'busy' | 'failed'>('idle')

  function askBrowser() {
    setAsking('busy')
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setLatitude(coords.latitude.toFixed(6))
        setLongitude(coords.longitude.toFixed(6))
        setAsking('idle')
      },
      () => setAsking('failed'),
      { timeout: 15_000, enableHighAccuracy: true },
    )
  }
  function submit() {
    const read = readCoordinates(latitude, longitude)
    if ('problems' in read) return setProblems(read.problems)
    const place = { ...read.place, ...(name.trim() ? { name: name.trim() } : {}), ...(address.trim() ? { address: address.trim() } : {}) }
    onSend({ message_type: 'location', location: place })
  }
  return (
    <Shell id={id} onSubmit={submit}>
      {'geolocation' in navigator && (
        <div className="rounded-xl bg-surface-3 p-3">
          <p className="text-[0.8125rem]">{t('form.here_question')}</p>
          <Button size="small" className="mt-2" disabled={asking === 'busy'} onClick={askBrowser}>
            <LocateFixed aria-hidden className="size-4" />
            {t(asking === 'busy' ? 'form.here_asking' : 'form.here')}
          </Button>
          {asking === 'failed' && (
            <p role="alert" className="mt-1.5 text-xs text-danger">
              {t('form.here_failed')}
            </p>
          )}
        </div>
      )}
      <div className="flex gap-3">
        <Field label={t('form.latitude')} type="tel" value={latitude} onChange={setLatitude} help="52.520008" {...of('latitude')} />
        <Field label={t('form.longitude')} type="tel" value={longitude} onChange={setLongitude} help="13.404954" {...of('longitude')} />
      </div>
      <Field label={t('form.place_name')} value={name} most={100} onChange={setName} />
      <Field label={t('form.place_address')} value={address} most={200} onChange={setAddress} />
    </Shell>
  )
}

function ContactForm({ id, onSend }: PartProps) {
  const { t } = useTranslation('thread')
  const [of, setProblems] = useProblems()
  const [name, setName] = useState('')
  const [phone, setPhone] = useState('')
  function submit() {
    const read = readContact(name, phone)
    if ('problems' in read) setProblems(read.problems)
    else onSend(read.content)
  }
  return (
    <Shell id={id} onSubmit={submit}>
      <Field autoFocus label={t('form.name')} value={name} most={100} onChange={setName} {...of('name')} />
      <Field label={t('form.phone')} type="tel" value={phone} onChange={setPhone} help={t('start.to_help')} {...of('phone')} />
    </Shell>
  )
}

function InteractiveForm({ id, type, onSend }: PartProps & { type: Exclude<Form, 'location' | 'contact'> }) {
  const { t } = useTranslation('thread')
  const [of, setProblems] = useProblems()
  const [draft, setDraft] = useState<Draft>(kEmpty)
  const set = <K extends keyof Draft>(name: K) => (value: Draft[K]) => setDraft((now) => ({ ...now, [name]: value }))
  function submit() {
    const read = readInteractive(type, draft)
    if ('problems' in read) setProblems(read.problems)
    else onSend(read.content)
  }
  const hasParts = type !== 'location_request_message'
  return (
    <Shell id={id} onSubmit={submit}>
      {hasParts && <Field label={t('form.header')} value={draft.header} most={kMost.header} onChange={set('header')} />}
      <Field autoFocus label={t('form.body')} lines={3} value={draft.body} most={kMost.body} onChange={set('body')} {...of('body')} />
      {hasParts && <Field label={t('form.footer')} value={draft.footer} most={kMost.footer} onChange={set('footer')} />}
      {type === 'button' && (
        <Group label={t('form.buttons')}>
          {draft.buttons.map((title, index) => (
            <Removable key={index} what={t('form.button', { n: index + 1 })} canGo={draft.buttons.length > 1} onRemove={() => set('buttons')(draft.buttons.toSpliced(index, 1))}>
              <Field label={t('form.button', { n: index + 1 })} value={title} most={kMost.button} onChange={(next) => set('buttons')(draft.buttons.with(index, next))} {...of(`button${index}`)} />
            </Removable>
          ))}
          {draft.buttons.length < kMost.buttons && <More label={t('form.add_button')} onClick={() => set('buttons')([...draft.buttons, ''])} />}
        </Group>
      )}
      {type === 'list' && (
        <>
          <Field label={t('form.list_button')} value={draft.listButton} most={kMost.button} onChange={set('listButton')} {...of('listButton')} />
          <Group label={t('form.rows')}>
            {draft.rows.map((row, index) => (
              <Removable key={index} what={t('form.row', { n: index + 1 })} canGo={draft.rows.length > 1} onRemove={() => set('rows')(draft.rows.toSpliced(index, 1))}>
                <div className="flex flex-1 flex-col gap-2">
                  <Field label={t('form.row', { n: index + 1 })} value={row.title} most={kMost.rowTitle} onChange={(title) => set('rows')(draft.rows.with(index, { ...row, title }))} {...of(`row${index}`)} />
                  <Field label={t('form.row_detail', { n: index + 1 })} value={row.description} most={kMost.rowDetail} onChange={(description) => set('rows')(draft.rows.with(index, { ...row, description }))} />
                </div>
              </Removable>
            ))}
            {draft.rows.length < kMost.rows && <More label={t('form.add_row')} onClick={() => set('rows')([...draft.rows, { title: '', description: '' }])} />}
          </Group>
        </>
      )}
      {type === 'cta_url' && (
        <Group label={t('form.link_group')}>
          <Field label={t('form.link_text')} value={draft.linkText} most={kMost.button} onChange={set('linkText')} {...of('linkText')} />
          <Field label={t('form.link')} type="url" value={draft.link} onChange={set('link')} help="https://…" {...of('link')} />
        </Group>
      )}
    </Shell>
  )
}

function More({ label, onClick }: { label: string; onClick(): void }) {
  return (
    <Button size="small" look="ghost" className="self-start" onClick={onClick}>
      <Plus aria-hidden className="size-4" />
      {label}
    </Button>
  )
}

function Removable({ what, canGo, onRemove, children }: { what: string; canGo: boolean; onRemove(): void; children: ReactNode }) {
  const { t } = useTranslation('thread')
  return (
    <div className="flex items-start gap-1">
      {children}
      {canGo && (
        <IconButton label={t('tray.remove', { name: what })} className="mt-6" onClick={onRemove}>
          <Trash2 aria-hidden className="size-4.5" />
        </IconButton>
      )}
    </div>
  )
}
