import { MessageSquarePlus } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DetailsPane } from '../features/details/details-pane'
import { NewConversationDialog } from '../features/details/new-conversation-dialog'
import { AccountMenu } from '../features/header/account-menu'
import { ConnectionBanner } from '../features/header/connection-banner'
import { NumberSelect } from '../features/header/number-select'
import { ShortcutsDialog } from '../features/header/shortcuts-dialog'
import { SignOutDialog } from '../features/header/sign-out-dialog'
import { ConversationList, type ListActions } from '../features/list/conversation-list'
import { NotificationCard } from '../features/notifications/notification-card'
import { useNotifier } from '../features/notifications/use-notifier'
import { useTabBadge } from '../features/notifications/use-tab-badge'
import { TemplatePicker } from '../features/templates'
import { ThreadPane } from '../features/thread/thread-pane'
import type { Person } from '../lib/auth'
import type { Config } from '../lib/config'
import { contactTitle } from '../lib/format'
import { totalUnread } from '../lib/cache/patch'
import { useConversation, usePhoneNumbers } from '../lib/inbox'
import { createStore, useStore } from '../lib/store'
import { workspace } from '../lib/workspace'
import { IconButton } from '../ui/button'
import { cx } from '../ui/cx'
import { NothingOpen } from './nothing-open'
import { Pages } from './pages'
import { chosenNumber, detailsOpen } from './preferences'
import { openConversation, pageAt, useOpenConversation, usePath } from './router'
import { useShortcuts } from './use-shortcuts'

/** On phones details cover everything, so there they start closed however they were left elsewhere. */
const coverOpen = createStore(false)
const hasKeyboard = () => window.matchMedia('(hover: hover) and (pointer: fine)').matches
const hasRoomForDetails = () => window.matchMedia('(min-width: 75rem)').matches

export interface InboxProps {
  person: Person
  config: Config
  onSignOut(): void
}

export function Inbox({ person, config, onSignOut }: InboxProps) {
  const { t } = useTranslation()
  const openId = useOpenConversation()
  const path = usePath()
  const page = useMemo(() => pageAt(path), [path])
  const { conversation } = useConversation(openId)
  const [isNewOpen, setNewOpen] = useState(false)
  const [isShortcutsOpen, setShortcutsOpen] = useState(false)
  const [isLeaving, setLeaving] = useState(false)
  const [isPicking, setPicking] = useState(false)
  const list = useRef<ListActions>(null)
  const pane = useRef<HTMLElement>(null)
  const announcement = useNotifier()
  const numbers = usePhoneNumbers()
  const chosen = useStore(chosenNumber)
  const counted = chosen === null ? numbers : numbers.filter(({ phone_number_id }) => phone_number_id === chosen)
  const { outbox, drafts } = workspace()
  const unsent = useStore(outbox.entries).length
  const draftCount = Object.keys(useStore(drafts.all)).length
  const details = useDetails()

  useTabBadge(totalUnread(numbers), conversation ? contactTitle(conversation) : '')
  useEffect(() => {
    coverOpen.set(false)
    setPicking(false)
  }, [openId])
  useEffect(() => {
    // Where there is a keyboard an open conversation can be answered at once; a phone's would cover half of it.
    if (openId === null) return
    const target = hasKeyboard() ? pane.current?.querySelector('textarea') : null
    ;(target ?? pane.current)?.focus()
  }, [openId])
  useEffect(() => {
    // It went into another one, which its old address leads to.
    if (openId !== null && conversation && conversation.id !== openId) openConversation(conversation.id)
  }, [openId, conversation])
  useEffect(() => {
    // Remembered from another account, or the number is gone.
    if (numbers.length > 0 && chosen !== null && counted.length === 0) chosenNumber.set(null)
  }, [numbers, chosen, counted])

  const back = () => {
    openConversation(null)
    setTimeout(() => list.current?.focusList())
  }
  useShortcuts(page ? {} : {
    j: () => list.current?.move(1),
    k: () => list.current?.move(-1),
    '/': () => list.current?.focusSearch(),
    u: () => list.current?.toggleUnread(),
    n: () => setNewOpen(true),
    i: () => openId !== null && details.toggle(),
    // Out of the text field first, out of the conversation then.
    Escape: () => (pane.current?.contains(document.activeElement) ? list.current?.focusList() : openId !== null && back()),
    '?': () => setShortcutsOpen(true),
  })

  return (
    <div className="relative h-full">
      {/* Stays as it is beneath a page, so that notifications go on and lists keep their place. */}
      <div inert={page !== null} className={cx('flex h-full overflow-hidden bg-bg', page && 'invisible')}>
        <div
          className={cx(
            'min-h-0 w-full flex-col border-border bg-surface md:flex md:w-[21.5rem] md:shrink-0 md:border-e xl:w-[23rem]',
            openId === null ? 'flex' : 'hidden',
          )}
        >
          <header className="flex items-center gap-1 py-2.5 ps-2 pe-3">
            <NumberSelect />
            <IconButton label={t('new_conversation')} shortcut="N" onClick={() => setNewOpen(true)}>
              <MessageSquarePlus className="size-5" aria-hidden />
            </IconButton>
            <AccountMenu
              person={person}
              version={config.version}
              onShortcuts={() => setShortcutsOpen(true)}
              onSignOut={() => (unsent + draftCount > 0 ? setLeaving(true) : onSignOut())}
            />
          </header>
          <ConnectionBanner />
          <NotificationCard />
          <ConversationList
            selectedId={openId}
            onSelect={openConversation}
            onNew={() => setNewOpen(true)}
            unreadTotal={totalUnread(counted)}
            simulatorUrl={config.simulator_url}
            actions={list}
          />
        </div>
        <main
          ref={pane}
          tabIndex={-1}
          className={cx('outline-none min-h-0 min-w-0 flex-1 flex-col md:flex', openId === null ? 'hidden' : 'flex')}
        >
          <div className="hidden bg-surface pt-2 max-md:has-[p]:block">
            <ConnectionBanner />
          </div>
          {openId === null ? (
            <NothingOpen />
          ) : (
            <ThreadPane key={openId} conversationId={openId} onBack={back} onToggleDetails={details.toggle} onTemplate={() => setPicking(true)} />
          )}
        </main>
        {openId !== null && details.isOpen && (
          <aside
            aria-label={t('details')}
            className={cx(
              'fixed inset-0 z-30 flex w-full flex-col bg-surface sm:start-auto sm:w-80 sm:border-s sm:border-border sm:shadow-pop',
              'min-[75rem]:static min-[75rem]:w-[18.75rem] min-[75rem]:shrink-0 min-[75rem]:shadow-none',
            )}
          >
            <DetailsPane conversationId={openId} onClose={details.close} />
          </aside>
        )}
        <NewConversationDialog open={isNewOpen} onOpenChange={setNewOpen} onStarted={openConversation} />
        <ShortcutsDialog open={isShortcutsOpen} onOpenChange={setShortcutsOpen} />
        <SignOutDialog open={isLeaving} onOpenChange={setLeaving} unsent={unsent} drafts={draftCount} onSignOut={onSignOut} />
        {isPicking && conversation && (
          <TemplatePicker
            conversationId={conversation.id}
            phoneNumberId={conversation.phone_number_id}
            onSent={() => setPicking(false)}
            onClose={() => setPicking(false)}
          />
        )}
      </div>
      {page && <Pages page={page} />}
      <div role="status" aria-live="polite" className="sr-only">
        {announcement}
      </div>
    </div>
  )
}

/** The details pane: beside the thread where there is room (remembered), over it elsewhere (not remembered). */
function useDetails() {
  const isBeside = useStore(detailsOpen)
  const isCovering = useStore(coverOpen)
  const hasRoom = useMatches('(min-width: 75rem)')
  const store = () => (hasRoomForDetails() ? detailsOpen : coverOpen)
  return {
    isOpen: hasRoom ? isBeside : isCovering,
    toggle: () => store().set((open) => !open),
    close: () => store().set(false),
  }
}

function useMatches(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches)
  useEffect(() => {
    const media = window.matchMedia(query)
    const update = () => setMatches(media.matches)
    update()
    media.addEventListener('change', update)
    return () => media.removeEventListener('change', update)
  }, [query])
  return matches
}
