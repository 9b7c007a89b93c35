import { QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SignInPage } from '../features/sign-in/sign-in-page'
import { chosenAccount, switchAccount } from '../lib/account'
import type { Auth, Person } from '../lib/auth'
import type { Config } from '../lib/config'
import { useStore } from '../lib/store'
import { openWorkspace, type Workspace } from '../lib/workspace'
import { TooltipProvider } from '../ui/tooltip'
import { Logo } from '../ui/logo'
import { Inbox } from './inbox'
import { NoAccess } from './no-access'
import { openConversation } from './router'

export function App({ auth, config }: { auth: Auth; config: Config }) {
  const { person, ended } = useStore(auth.signIn)
  if (person === undefined) return <Starting />
  if (person === null) return <SignInPage auth={auth} ended={ended} />
  return <SignedIn key={person.userId} auth={auth} config={config} person={person} />
}

function SignedIn({ auth, config, person }: { auth: Auth; config: Config; person: Person }) {
  const open = useWorkspace(person.userId, auth)
  const signOut = () => {
    open?.outbox.clear()
    open?.drafts.clear()
    openConversation(null)
    chosenAccount.set(null)
    void auth.signOut()
  }
  if (!open) return <Starting />
  return (
    <QueryClientProvider client={open.queries}>
      <TooltipProvider>
        <Room open={open} person={person} config={config} onSignOut={signOut} />
      </TooltipProvider>
    </QueryClientProvider>
  )
}

function Room({ open, ...rest }: { open: Workspace; person: Person; config: Config; onSignOut(): void }) {
  const isRefused = useStore(open.live.refused)
  useEffect(() => {
    // The chosen account is not theirs any more; another one may be.
    if (isRefused && chosenAccount.get() !== null) switchAccount(null)
  }, [isRefused])
  return isRefused ? <NoAccess onSignOut={rest.onSignOut} /> : <Inbox {...rest} />
}

function useWorkspace(userId: string, auth: Auth): Workspace | null {
  const [open, setOpen] = useState<Workspace | null>(null)
  useEffect(() => {
    const opened = openWorkspace(userId, auth.tokens)
    const forget = auth.onToken((token) => opened.live.reauthenticate(token))
    setOpen(opened)
    return () => {
      forget()
      opened.close()
    }
  }, [userId, auth])
  return open
}

/** Nothing for a moment, then the mark, then the truth. */
export function Starting({ failed = false }: { failed?: boolean }) {
  const { t } = useTranslation()
  const [isLate, setLate] = useState(failed)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 4_000)
    return () => clearTimeout(timer)
  }, [])
  return (
    <main className="grid h-full place-items-center bg-bg px-6">
      <div className="flex flex-col items-center gap-4 text-center">
        <Logo className="size-14 animate-pulse" />
        <p role="status" className="min-h-5 text-muted">
          {(isLate || failed) && t('starting_late')}
        </p>
      </div>
    </main>
  )
}
