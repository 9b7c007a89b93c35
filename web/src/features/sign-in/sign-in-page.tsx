import { CircleAlert, Eye, EyeOff } from 'lucide-react'
import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { language, languages, type Language } from '../../app/i18n'
import { theme, themes, type Theme } from '../../app/theme'
import type { Auth, SignInProblem } from '../../lib/auth'
import { useStore } from '../../lib/store'
import { Button } from '../../ui/button'
import { Logo } from '../../ui/logo'
import { Spinner } from '../../ui/spinner'

const field =
  'h-11 w-full rounded-lg border border-border-strong bg-surface px-3 text-base outline-none ' +
  'focus-visible:border-accent focus-visible:ring-2 focus-visible:ring-accent/30'

export function SignInPage({ auth, ended }: { auth: Pick<Auth, 'signInWithPassword'>; ended: boolean }) {
  const { t } = useTranslation()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [isVisible, setVisible] = useState(false)
  const [capsLock, setCapsLock] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<SignInProblem | null>(null)
  const emailField = useRef<HTMLInputElement>(null)
  const passwordField = useRef<HTMLInputElement>(null)
  const wait = useCountdown(problem)

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (isBusy || wait > 0) return
    if (email.trim() === '') return emailField.current?.focus()
    if (password === '') return passwordField.current?.focus()
    setBusy(true)
    setProblem(null)
    const found = await auth
      .signInWithPassword(email.trim(), password)
      .catch((): SignInProblem => ({ kind: 'unreachable' }))
    setBusy(false)
    setProblem(found)
    if (found?.kind === 'wrong') {
      setPassword('')
      passwordField.current?.focus()
    }
  }
  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))

  useEffect(() => {
    document.title = `${t('sign_in.title')} · Parley`
  }, [t])

  return (
    <main className="flex h-full flex-col items-center overflow-y-auto bg-bg px-4">
      <div className="my-auto w-full max-w-[25rem] py-8">
        <div className="mb-6 flex items-center justify-center gap-3">
          <Logo className="size-10" />
          <span className="text-2xl font-semibold tracking-tight">Parley</span>
        </div>
        <form
          onSubmit={submit}
          aria-labelledby="sign-in-title"
          noValidate
          className="rounded-2xl border border-border bg-surface p-6 shadow-pop sm:p-8"
        >
          <h1 id="sign-in-title" className="text-lg font-semibold">
            {t('sign_in.title')}
          </h1>
          <p className="mt-1 text-muted">{t('sign_in.subtitle')}</p>
          <div role="alert">
            {problem ? (
              <Alert text={problemText(problem, wait, t)} />
            ) : (
              ended && <p className="mt-4 rounded-lg bg-warn-soft p-3 text-warn">{t('sign_in.ended')}</p>
            )}
          </div>
          <label htmlFor="email" className="mt-5 mb-1.5 block font-medium">
            {t('sign_in.email')}
          </label>
          <input
            id="email"
            ref={emailField}
            type="email"
            name="email"
            autoComplete="username"
            autoFocus
            required
            dir="ltr"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            className={field}
          />
          <label htmlFor="password" className="mt-4 mb-1.5 block font-medium">
            {t('sign_in.password')}
          </label>
          <div className="relative" dir="ltr">
            <input
              id="password"
              ref={passwordField}
              type={isVisible ? 'text' : 'password'}
              name="password"
              autoComplete="current-password"
              required
              aria-describedby="caps-lock"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              onKeyDown={watchCapsLock}
              onKeyUp={watchCapsLock}
              onBlur={() => setCapsLock(false)}
              className={`${field} pe-12`}
            />
            <button
              type="button"
              aria-label={t(isVisible ? 'sign_in.hide_password' : 'sign_in.show_password')}
              onClick={() => setVisible(!isVisible)}
              className="absolute inset-y-0 end-0 grid w-11 place-items-center rounded-lg text-muted hover:text-text"
            >
              {isVisible ? <EyeOff className="size-5" aria-hidden /> : <Eye className="size-5" aria-hidden />}
            </button>
          </div>
          <p id="caps-lock" role="status" className="mt-1.5 min-h-5 text-xs text-warn">
            {capsLock && t('sign_in.caps_lock')}
          </p>
          <Button
            type="submit"
            look="primary"
            className="mt-2 h-11 w-full"
            disabled={isBusy || wait > 0}
          >
            {isBusy ? <Spinner label={t('sign_in.busy')} className="text-accent-text" /> : t('sign_in.submit')}
          </Button>
        </form>
        <Choices />
      </div>
    </main>
  )
}

function Alert({ text }: { text: string }) {
  return (
    <p className="mt-4 flex items-start gap-2 rounded-lg bg-danger-soft p-3 text-danger">
      <CircleAlert className="mt-px size-4.5 shrink-0" aria-hidden />
      {text}
    </p>
  )
}

type Translate = ReturnType<typeof useTranslation>['t']

function problemText(problem: SignInProblem, wait: number, t: Translate): string {
  switch (problem.kind) {
    case 'wrong':
      return t('sign_in.wrong')
    case 'too-many':
      return wait > 0 ? t('sign_in.too_many', { count: wait }) : t('sign_in.try_now')
    case 'unreachable':
      return t('sign_in.unreachable')
    case 'other':
      return problem.detail
  }
}

/** Seconds until the next try is allowed. */
function useCountdown(problem: SignInProblem | null): number {
  const [left, setLeft] = useState(0)
  useEffect(() => {
    const seconds = problem?.kind === 'too-many' ? problem.seconds : 0
    const end = Date.now() + seconds * 1000
    setLeft(seconds)
    if (seconds === 0) return
    const timer = setInterval(() => {
      const rest = Math.max(0, Math.ceil((end - Date.now()) / 1000))
      setLeft(rest)
      if (rest === 0) clearInterval(timer)
    }, 250)
    return () => clearInterval(timer)
  }, [problem])
  return left
}

const select = 'h-9 rounded-lg border border-border bg-surface px-2 text-text hover:bg-surface-3'

function Choices() {
  const { t } = useTranslation()
  const chosenTheme = useStore(theme)
  const chosenLanguage = useStore(language)
  return (
    <div className="mt-5 flex flex-wrap justify-center gap-2 text-[0.8125rem]">
      <select
        aria-label={t('language')}
        value={chosenLanguage}
        onChange={(event) => language.set(event.target.value as Language)}
        className={select}
      >
        {Object.entries(languages).map(([code, name]) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={t('theme.title')}
        value={chosenTheme}
        onChange={(event) => theme.set(event.target.value as Theme)}
        className={select}
      >
        {themes.map((name) => (
          <option key={name} value={name}>
            {t(`theme.${name}`)}
          </option>
        ))}
      </select>
    </div>
  )
}
