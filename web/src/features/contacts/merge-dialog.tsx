import { useQuery } from '@tanstack/react-query'
import { ArrowRight } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { contactQuery, mergeContacts, searchContactsQuery, type Contact } from '../../lib/contacts'
import { formatPhone } from '../../lib/format'
import { Avatar, Button, Dialog, Spinner } from '../../ui'
import { TextField } from '../../ui/field'
import { ProblemLine, useAct } from '../settings/parts'
import { titleOf, written } from './words'

/** Another contact goes into this one: search, look at both, merge. */
export function MergeDialog({ contact, onClose }: { contact: Contact; onClose(): void }) {
  const { t } = useTranslation('contacts')
  const [words, setWords] = useState('')
  const [otherId, setOtherId] = useState<number | null>(null)
  const other = useQuery(contactQuery(otherId)).data
  const { busy, problem, act, clear } = useAct()
  return (
    <Dialog
      open
      wide
      onOpenChange={onClose}
      title={t('merge_title', { name: titleOf(contact) })}
      description={t('merge_help')}
      footer={
        <>
          {otherId !== null && (
            <Button
              look="ghost"
              className="me-auto"
              onClick={() => {
                setOtherId(null)
                clear()
              }}
            >
              {t('choose_another')}
            </Button>
          )}
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" disabled={!other || busy !== null} onClick={() => otherId !== null && void act('merge', () => mergeContacts(contact.id, otherId)).then((done) => done && onClose())}>
            {t('merge')}
          </Button>
        </>
      }
    >
      {otherId === null ? (
        <SearchOther own={contact.id} words={words} onWords={setWords} onChoose={setOtherId} />
      ) : !other ? (
        <Spinner label={t('loading')} />
      ) : (
        <div className="flex flex-col gap-4">
          <div className="grid items-center gap-3 sm:grid-cols-[1fr_auto_1fr]">
            <Side contact={other} label={t('goes')} />
            <ArrowRight aria-hidden className="mx-auto size-5 text-muted max-sm:rotate-90 sm:rtl:-scale-x-100" />
            <Side contact={contact} label={t('stays')} />
          </div>
          <ul className="list-disc space-y-1 ps-5">
            {(['identities', 'conversations', 'name', 'undo'] as const).map((what) => (
              <li key={what}>{t(`merge_does.${what}`, { name: titleOf(contact) })}</li>
            ))}
          </ul>
          <ProblemLine problem={problem} />
        </div>
      )}
    </Dialog>
  )
}

function Side({ contact, label }: { contact: Contact; label: string }) {
  const { t } = useTranslation('contacts')
  return (
    <section className="h-full rounded-xl border border-border p-3">
      <h3 className="text-xs text-muted">{label}</h3>
      <p className="mt-1 font-semibold wrap-anywhere">
        <bdi>{titleOf(contact)}</bdi>
      </p>
      <ul className="mt-1 text-[0.8125rem] text-muted">
        {contact.identities.map(({ kind, value }) => (
          <li key={`${kind} ${value}`} className="wrap-anywhere">
            <bdi>{written(kind, value)}</bdi>
          </li>
        ))}
      </ul>
      <p className="mt-1 text-[0.8125rem]">{t('conversation_count', { count: contact.conversations.length })}</p>
    </section>
  )
}

interface SearchProps {
  own: number
  words: string
  onWords(words: string): void
  onChoose(id: number): void
}

function SearchOther({ own, words, onWords, onChoose }: SearchProps) {
  const { t } = useTranslation('contacts')
  const q = useDeferredValue(words.trim())
  const query = useQuery(searchContactsQuery(q))
  const found = (query.data ?? []).filter(({ id }) => id !== own)
  return (
    <div className="flex min-h-64 flex-col gap-2">
      <TextField label={t('search')} type="search" value={words} onChange={onWords} help={t('search_help')} autoFocus />
      {query.isFetching && <Spinner label={t('loading')} />}
      <ul className="flex flex-col">
        {found.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onChoose(one.id)} className="flex w-full items-center gap-3 rounded-lg px-2 py-2 text-start hover:bg-surface-3">
              <Avatar name={one.name} seed={one.id} size="small" />
              <span className="min-w-0">
                <bdi className="block truncate font-medium">{one.name || formatPhone(one.phone)}</bdi>
                <bdi className="block truncate text-[0.8125rem] text-muted">{formatPhone(one.phone)}</bdi>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p role="status" className="text-muted">
        {query.data && found.length === 0 ? t('nobody') : ''}
      </p>
    </div>
  )
}
