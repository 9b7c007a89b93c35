import { useRef, useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { addNumber, subscribeNumber, type CheckStep, type NewNumber, type NumberSettings } from '../../lib/settings'
import { Button } from '../../ui'
import { TextField } from '../../ui/field'
import { Panel, ProblemLine, Steps, useAct } from './parts'

const kSteps = ['ids', 'token', 'app_secret', 'verify_token'] as const
type Step = (typeof kSteps)[number]
type Wish = Record<'phone_number_id' | 'waba_id' | 'name' | 'token' | 'app_secret' | 'verify_token', string>
const kNothing: Wish = { phone_number_id: '', waba_id: '', name: '', token: '', app_secret: '', verify_token: '' }
const stepOf: Record<string, Step> = { phone_number_id: 'ids', waba_id: 'ids', name: 'ids', token: 'token', app_secret: 'app_secret', verify_token: 'verify_token' }

/** A new business number, one thing after the other; at the end Meta is asked whether it works. */
export function AddNumber({ onClose }: { onClose(): void }) {
  const { t } = useTranslation('settings')
  const [wish, setWish] = useState(kNothing)
  const [at, setAt] = useState(0)
  const [missing, setMissing] = useState<Partial<Record<keyof Wish, string>>>({})
  const [result, setResult] = useState<{ number: NumberSettings | null; steps: CheckStep[] } | null>(null)
  const { busy, problem, act, clear } = useAct()
  const form = useRef<HTMLFormElement>(null)
  const step = kSteps[at] ?? 'ids'
  const change = (name: keyof Wish) => (value: string) => {
    setWish((now) => ({ ...now, [name]: value }))
    setMissing(({ [name]: _, ...others }) => others)
  }
  const field = (name: keyof Wish, more: { secret?: boolean; help: string; technical?: boolean }) => (
    <TextField
      label={t(`number.${name}`)}
      value={wish[name]}
      onChange={change(name)}
      help={more.help}
      technical={more.technical ?? true}
      type={more.secret ? 'password' : 'text'}
      problem={missing[name] ?? (problem?.member === name ? problem.detail : undefined)}
    />
  )

  function go(to: number) {
    setAt(to)
    clear()
    setTimeout(() => form.current?.querySelector('input')?.focus())
  }

  function next(event: FormEvent) {
    event.preventDefault()
    const needed = step === 'ids' ? (['phone_number_id', 'waba_id'] as const) : step === 'token' ? (['token'] as const) : []
    const empty = needed.filter((name) => wish[name].trim() === '')
    setMissing(Object.fromEntries(empty.map((name) => [name, t('needed')])))
    if (empty.length > 0) return
    if (at < kSteps.length - 1) go(at + 1)
    else void save()
  }

  async function save(anyway = false) {
    const given = Object.entries(wish).map(([name, value]) => [name, value.trim()] as const)
    const body = { ...Object.fromEntries(given.filter(([, value]) => value !== '')), ...(anyway ? { save: 'anyway' } : {}) } as unknown as NewNumber
    await act('save', async () => setResult(await addNumber(body)))
  }

  const faulty = problem ? stepOf[String(problem.member ?? '')] : undefined
  if (result) {
    const { number, steps } = result
    const canSubscribe = number && steps.some(({ step: name, ok }) => name === 'subscribed_apps' && !ok)
    const subscribe = async () => {
      if (!number) return
      const now = await subscribeNumber(number.phone_number_id)
      setResult({ number, steps: steps.map((one) => now.find(({ step: name }) => name === one.step) ?? one) })
    }
    return (
      <Panel title={t(number ? 'add.saved' : 'add.not_saved')}>
        <div className="flex flex-col gap-4">
          <p className="text-muted">{t(number ? (steps.every(({ ok }) => ok) ? 'add.all_well' : 'add.saved_with_problems') : 'add.why_not_saved')}</p>
          <Steps steps={steps} />
          <ProblemLine problem={problem} />
          <div className="flex flex-wrap justify-end gap-2">
            {!number && (
              <>
                <Button disabled={busy !== null} onClick={() => void save(true)}>
                  {t('add.anyway')}
                </Button>
                <Button
                  look="primary"
                  onClick={() => {
                    setResult(null)
                    go(0)
                  }}
                >
                  {t('add.change')}
                </Button>
              </>
            )}
            {canSubscribe && (
              <Button look="primary" disabled={busy !== null} onClick={() => void act('subscribe', subscribe)}>
                {t('number.subscribe')}
              </Button>
            )}
            {number && <Button onClick={onClose}>{t('done')}</Button>}
          </div>
        </div>
      </Panel>
    )
  }

  const parts: Record<Step, ReactNode> = {
    ids: (
      <>
        {field('phone_number_id', { help: t('add.phone_number_id_help') })}
        {field('waba_id', { help: t('add.waba_id_help') })}
        {field('name', { help: t('add.name_help'), technical: false })}
      </>
    ),
    token: field('token', { help: t('add.token_help'), secret: true }),
    app_secret: field('app_secret', { help: t('add.app_secret_help'), secret: true }),
    verify_token: field('verify_token', { help: t('add.verify_token_help') }),
  }
  return (
    <Panel title={t('numbers.add')}>
      <ol aria-label={t('add.progress')} className="mb-4 flex flex-wrap gap-1.5">
        {kSteps.map((name, index) => (
          <li
            key={name}
            aria-current={index === at ? 'step' : undefined}
            className={`rounded-full px-2.5 text-xs leading-6 font-medium ${index === at ? 'bg-accent text-accent-text' : index < at ? 'bg-accent-soft text-accent' : 'bg-surface-3 text-muted'}`}
          >
            {index + 1}. {t(`add.step.${name}`)}
          </li>
        ))}
      </ol>
      <form ref={form} noValidate onSubmit={next} className="flex flex-col gap-4">
        {parts[step]}
        {problem && faulty !== step && <ProblemLine problem={problem} />}
        {problem && faulty && faulty !== step && (
          <Button className="self-start" size="small" onClick={() => setAt(kSteps.indexOf(faulty))}>
            {t('add.go_to', { step: t(`add.step.${faulty}`) })}
          </Button>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button look="ghost" className="me-auto" onClick={onClose}>
            {t('cancel')}
          </Button>
          {at > 0 && <Button onClick={() => go(at - 1)}>{t('add.previous')}</Button>}
          <Button look="primary" type="submit" disabled={busy !== null}>
            {t(busy ? 'add.checking' : at < kSteps.length - 1 ? 'add.next' : 'add.finish')}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
