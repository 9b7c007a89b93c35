import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatPhone } from '../../lib/format'
import { changeNumber, checkNumber, removeNumber, subscribeNumber, type CheckStep, type CredentialSource, type NumberSettings, type ReadReceipts } from '../../lib/settings'
import { Button, Dialog } from '../../ui'
import { TextField } from '../../ui/field'
import { format } from '../thread/days'
import { useLocale } from '../thread/use-locale'
import { Chip, Panel, ProblemLine, Steps, useAct } from './parts'

const kSecrets = ['token', 'app_secret', 'verify_token'] as const
const kReceipts: ReadReceipts[] = ['on_open', 'on_reply', 'never']
const kLooks: Record<CredentialSource, 'ok' | 'warn' | 'danger' | 'plain'> = { own: 'ok', shared: 'ok', none: 'warn', unreadable: 'danger' }

export function NumberPanel({ number }: { number: NumberSettings }) {
  const { t } = useTranslation('settings')
  const locale = useLocale()
  const { busy, problem, act } = useAct()
  const [steps, setSteps] = useState<CheckStep[] | null>(null)
  const [dialog, setDialog] = useState<'name' | 'secrets' | 'remove' | null>(null)
  const id = number.phone_number_id
  const phone = formatPhone(number.display_phone_number)
  const title = number.name || number.verified_name || phone || id
  const date = (at: string) => format(locale, 'date').format(new Date(at))
  const change = (name: string, changes: Parameters<typeof changeNumber>[1]) => void act(name, () => changeNumber(id, changes))
  return (
    <Panel
      title={
        <>
          <bdi>{title}</bdi>
          <span className="mt-0.5 block text-[0.8125rem] font-normal text-muted">
            {phone && phone !== title && (
              <>
                <bdi>{phone}</bdi> ·{' '}
              </>
            )}
            <bdi>{id}</bdi>
          </span>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap gap-1.5">
          {number.retired_at && <Chip look="plain">{t('number.retired', { at: date(number.retired_at) })}</Chip>}
          {kSecrets.map((name) => (
            <Chip key={name} look={kLooks[number[name]]}>
              {t(`number.${name}`)}: {t(`source.${number[name]}`)}
            </Chip>
          ))}
          <Chip look={number.last_delivery_at ? 'plain' : 'warn'}>
            {number.last_delivery_at ? t('number.last_delivery', { at: date(number.last_delivery_at) }) : t('number.no_delivery')}
          </Chip>
        </div>
        {number.problem && (
          <p lang="en" className="rounded-xl bg-danger-soft p-3 text-[0.8125rem] text-danger">
            {number.problem}
          </p>
        )}
        {!number.retired_at && (
          <>
            <Receipts value={number.read_receipts} disabled={busy !== null} onChange={(read_receipts) => change('receipts', { read_receipts })} />
            <label className="flex min-h-6 items-start gap-2.5">
              <input
                type="checkbox"
                checked={number.send_typing}
                disabled={busy !== null}
                onChange={(event) => change('typing', { send_typing: event.target.checked })}
                className="mt-0.5 size-4 shrink-0 accent-accent"
              />
              <span>
                {t('number.typing')}
                <span className="block text-xs text-muted">{t('number.typing_help')}</span>
              </span>
            </label>
          </>
        )}
        {steps && <Steps steps={steps} />}
        <ProblemLine problem={problem} />
        <div className="flex flex-wrap gap-2">
          <Button size="small" disabled={busy !== null} onClick={() => void act('check', async () => setSteps(await checkNumber(id)))}>
            {t(busy === 'check' ? 'number.checking' : 'number.check')}
          </Button>
          <Button size="small" disabled={busy !== null} onClick={() => void act('subscribe', async () => setSteps(await subscribeNumber(id)))}>
            {t('number.subscribe')}
          </Button>
          <Button size="small" onClick={() => setDialog('name')}>
            {t('number.rename')}
          </Button>
          <Button size="small" onClick={() => setDialog('secrets')}>
            {t('number.secrets')}
          </Button>
          {!number.retired_at && (
            <Button size="small" look="danger" onClick={() => setDialog('remove')}>
              {t('number.remove')}
            </Button>
          )}
        </div>
      </div>
      {dialog === 'name' && <NameDialog number={number} onClose={() => setDialog(null)} />}
      {dialog === 'secrets' && <SecretsDialog number={number} title={title} onClose={() => setDialog(null)} />}
      {dialog === 'remove' && <RemoveDialog number={number} title={title} onClose={() => setDialog(null)} />}
    </Panel>
  )
}

function Receipts({ value, disabled, onChange }: { value: ReadReceipts; disabled: boolean; onChange(value: ReadReceipts): void }) {
  const { t } = useTranslation('settings')
  const name = useId()
  return (
    <fieldset disabled={disabled} className="flex flex-col gap-2">
      <legend className="mb-1.5 font-medium">{t('receipts.title')}</legend>
      {kReceipts.map((policy) => (
        <label key={policy} className="flex min-h-6 items-start gap-2.5">
          <input type="radio" name={name} checked={value === policy} onChange={() => onChange(policy)} className="mt-0.5 size-4 shrink-0 accent-accent" />
          <span>
            {t(`receipts.${policy}`)}
            <span className="block text-xs text-muted">{t(`receipts.${policy}_help`)}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

function NameDialog({ number, onClose }: { number: NumberSettings; onClose(): void }) {
  const { t } = useTranslation('settings')
  const [name, setName] = useState(number.name)
  const { busy, problem, act } = useAct()
  const id = useId()
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('number.rename')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" form={id} disabled={busy !== null}>
            {t('save')}
          </Button>
        </>
      }
    >
      <form
        id={id}
        onSubmit={(event) => {
          event.preventDefault()
          void act('save', () => changeNumber(number.phone_number_id, { name: name.trim() })).then((done) => done && onClose())
        }}
      >
        <TextField label={t('number.name')} value={name} most={100} onChange={setName} help={t('add.name_help')} problem={problem?.detail} autoFocus />
      </form>
    </Dialog>
  )
}

/** Secrets can be replaced and taken away; what there is now is never shown. */
function SecretsDialog({ number, title, onClose }: { number: NumberSettings; title: string; onClose(): void }) {
  const { t } = useTranslation('settings')
  const [given, setGiven] = useState<Partial<Record<(typeof kSecrets)[number], string>>>({})
  const [away, setAway] = useState<Partial<Record<(typeof kSecrets)[number], boolean>>>({})
  const { busy, problem, act } = useAct()
  const id = useId()
  const changes = Object.fromEntries(
    kSecrets.flatMap((name): [string, string | null][] => (away[name] ? [[name, null]] : given[name]?.trim() ? [[name, given[name].trim()]] : [])),
  )
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('secrets.title', { name: title })}
      description={t('secrets.help')}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" form={id} disabled={busy !== null || Object.keys(changes).length === 0}>
            {t('secrets.replace')}
          </Button>
        </>
      }
    >
      <form
        id={id}
        onSubmit={(event) => {
          event.preventDefault()
          void act('save', () => changeNumber(number.phone_number_id, changes)).then((done) => done && onClose())
        }}
        className="flex flex-col gap-4"
      >
        {kSecrets.map((name) => (
          <div key={name}>
            <TextField
              label={t(`number.${name}`)}
              type="password"
              technical
              value={given[name] ?? ''}
              disabled={away[name] ?? false}
              onChange={(value) => setGiven((now) => ({ ...now, [name]: value }))}
              placeholder={t(`source.${number[name]}`)}
              problem={problem?.member === name ? problem.detail : undefined}
              help={t(`secrets.${name}`)}
            />
            {(number[name] === 'own' || number[name] === 'unreadable') && (
              <label className="mt-1 flex min-h-6 items-center gap-2 text-[0.8125rem]">
                <input type="checkbox" checked={away[name] ?? false} onChange={(event) => setAway((now) => ({ ...now, [name]: event.target.checked }))} className="size-4 accent-accent" />
                {t('secrets.take_away')}
              </label>
            )}
          </div>
        ))}
        {problem && !kSecrets.some((name) => name === problem.member) && <ProblemLine problem={problem} />}
      </form>
    </Dialog>
  )
}

function RemoveDialog({ number, title, onClose }: { number: NumberSettings; title: string; onClose(): void }) {
  const { t } = useTranslation('settings')
  const { busy, problem, act } = useAct()
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('remove.title', { name: title })}
      footer={
        <>
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="danger" disabled={busy !== null} onClick={() => void act('remove', () => removeNumber(number.phone_number_id)).then((done) => done && onClose())}>
            {t('number.remove')}
          </Button>
        </>
      }
    >
      <ul className="list-disc space-y-1.5 ps-5">
        {(['token', 'sending', 'threads', 'meta'] as const).map((what) => (
          <li key={what}>{t(`remove.${what}`)}</li>
        ))}
      </ul>
      <div className="mt-3">
        <ProblemLine problem={problem} />
      </div>
    </Dialog>
  )
}
