import { useQuery } from '@tanstack/react-query'
import { Ban, Check, Copy, Merge } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PageFrame, PageLink } from '../../app/page-frame'
import { contactQuery, renameContact, setBlocked, undoMerge, type Contact } from '../../lib/contacts'
import { formatPhone } from '../../lib/format'
import { usePhoneNumbers } from '../../lib/inbox'
import { Avatar, Button, Dialog, IconButton } from '../../ui'
import { TextField } from '../../ui/field'
import { useCopy } from '../details/use-copy'
import { Chip, Panel, ProblemLine, useAct, Waiting } from '../settings/parts'
import { format } from '../thread/days'
import { useLocale } from '../thread/use-locale'
import { MergeDialog } from './merge-dialog'
import { titleOf, written } from './words'

export default function ContactPage({ id }: { id: number }) {
  const { t } = useTranslation('contacts')
  const query = useQuery(contactQuery(id))
  return (
    <PageFrame title={query.data ? titleOf(query.data) || t('title') : t('title')}>
      {query.data ? <Whole contact={query.data} /> : <Waiting error={query.error} onRetry={() => void query.refetch()} />}
    </PageFrame>
  )
}

function Whole({ contact }: { contact: Contact }) {
  const { t } = useTranslation('contacts')
  const locale = useLocale()
  const [isMerging, setMerging] = useState(false)
  const isPerson = contact.kind !== 'group'
  return (
    <div className="flex flex-col gap-4">
      <Panel>
        <div className="flex items-center gap-4">
          <Avatar name={titleOf(contact)} seed={contact.id} isGroup={!isPerson} size="large" />
          <div className="min-w-0">
            <p className="text-lg font-semibold wrap-anywhere">
              <bdi>{titleOf(contact) || t('title')}</bdi>
            </p>
            {contact.profile_name && contact.profile_name !== contact.name && (
              <p className="wrap-anywhere text-muted">
                {t('profile_name')}: <bdi>{contact.profile_name}</bdi>
              </p>
            )}
            {contact.blocked_at && (
              <p className="mt-1.5">
                <Chip look="danger">{t('blocked_since', { at: format(locale, 'date').format(new Date(contact.blocked_at)) })}</Chip>
              </p>
            )}
          </div>
        </div>
      </Panel>
      <Name key={contact.name} contact={contact} />
      <Panel title={t('identities')}>
        <ul className="divide-y divide-border">
          {contact.identities.map(({ kind, value }) => (
            <Identity key={`${kind} ${value}`} kind={kind} value={value} />
          ))}
        </ul>
      </Panel>
      <Conversations contact={contact} />
      {isPerson && <Block contact={contact} />}
      {isPerson && (
        <Panel
          title={t('merges')}
          actions={
            <Button size="small" onClick={() => setMerging(true)}>
              <Merge aria-hidden className="size-4" />
              {t('merge')}
            </Button>
          }
        >
          <p className="text-muted">{t('merge_help')}</p>
          <Merges contact={contact} />
        </Panel>
      )}
      {isMerging && <MergeDialog contact={contact} onClose={() => setMerging(false)} />}
    </div>
  )
}

function Name({ contact }: { contact: Contact }) {
  const { t } = useTranslation('contacts')
  const [name, setName] = useState(contact.name)
  const { busy, problem, act } = useAct()
  const save = (next: string) => void act('save', () => renameContact(contact.id, next))
  const isOwn = contact.profile_name !== '' && contact.name !== contact.profile_name && contact.name !== ''
  return (
    <Panel title={t('name')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save(name.trim())
        }}
        className="flex flex-col items-start gap-3"
      >
        <div className="w-full max-w-sm">
          <TextField label={t('name_label')} value={name} most={200} onChange={setName} placeholder={contact.profile_name} help={t('name_help')} problem={problem?.member === 'name' ? problem.detail : ''} />
        </div>
        {problem && problem.member !== 'name' && <ProblemLine problem={problem} />}
        <div className="flex flex-wrap gap-2">
          <Button look="primary" type="submit" disabled={busy !== null || name.trim() === contact.name}>
            {t('save')}
          </Button>
          {isOwn && (
            <Button disabled={busy !== null} onClick={() => save('')}>
              {t('use_profile_name')}
            </Button>
          )}
        </div>
      </form>
    </Panel>
  )
}

function Identity({ kind, value }: { kind: string; value: string }) {
  const { t } = useTranslation('contacts')
  const { copied, copy } = useCopy()
  const isNumber = kind === 'wa_id' && /^\d{7,15}$/u.test(value)
  return (
    <li className="flex items-center gap-3 py-2">
      <div className="min-w-0 flex-1">
        <p className="text-xs text-muted">{t(`kind.${kind}`, { defaultValue: kind })}</p>
        <p className="wrap-anywhere">
          <bdi>{written(kind, value)}</bdi>
        </p>
      </div>
      <IconButton label={copied ? t('copied') : t('copy', { what: t(`kind.${kind}`, { defaultValue: kind }) })} onClick={() => copy(isNumber ? `+${value}` : value)}>
        {copied ? <Check aria-hidden className="size-4 text-ok" /> : <Copy aria-hidden className="size-4" />}
      </IconButton>
      <span role="status" className="sr-only">
        {copied ? t('copied') : ''}
      </span>
    </li>
  )
}

function Conversations({ contact }: { contact: Contact }) {
  const { t } = useTranslation('contacts')
  const locale = useLocale()
  const numbers = usePhoneNumbers()
  return (
    <Panel title={t('conversations')}>
      {contact.conversations.length === 0 ? (
        <p className="text-muted">{t('no_conversations')}</p>
      ) : (
        <ul className="divide-y divide-border">
          {contact.conversations.map(({ id, phone_number_id, last_message_at }) => {
            const number = numbers.find((one) => one.phone_number_id === phone_number_id)
            return (
              <li key={id}>
                <PageLink to={`/c/${id}`} className="flex flex-wrap items-center gap-x-3 rounded-lg px-2 py-2.5 hover:bg-surface-2">
                  <span className="min-w-0 flex-1 wrap-anywhere">
                    <bdi className="font-medium">{number?.verified_name || t('business_number')}</bdi>{' '}
                    <bdi className="text-muted">{number ? formatPhone(number.display_phone_number) : phone_number_id}</bdi>
                  </span>
                  <span className="text-[0.8125rem] text-muted">{last_message_at ? format(locale, 'date').format(new Date(last_message_at)) : ''}</span>
                </PageLink>
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}

function Block({ contact }: { contact: Contact }) {
  const { t } = useTranslation('contacts')
  const [asking, setAsking] = useState(false)
  const { busy, problem, act } = useAct()
  const isBlocked = contact.blocked_at !== null
  const set = (blocked: boolean) => act('block', () => setBlocked(contact.id, blocked)).then((done) => done && setAsking(false))
  return (
    <Panel title={t(isBlocked ? 'blocked' : 'block')}>
      <p className="text-muted">{t(isBlocked ? 'unblock_help' : 'block_help')}</p>
      <div className="mt-3">{!asking && <ProblemLine problem={problem} />}</div>
      {isBlocked ? (
        <Button className="mt-3" disabled={busy !== null} onClick={() => void set(false)}>
          {t('unblock')}
        </Button>
      ) : (
        <Button look="danger" className="mt-3" onClick={() => setAsking(true)}>
          <Ban aria-hidden className="size-4" />
          {t('block')}
        </Button>
      )}
      {asking && (
        <Dialog
          open
          onOpenChange={() => setAsking(false)}
          title={t('block_title', { name: titleOf(contact) })}
          description={t('block_help')}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
              <Button look="danger" disabled={busy !== null} onClick={() => void set(true)}>
                {t('block')}
              </Button>
            </>
          }
        >
          <ProblemLine problem={problem} />
        </Dialog>
      )}
    </Panel>
  )
}

function Merges({ contact }: { contact: Contact }) {
  const { t } = useTranslation('contacts')
  const locale = useLocale()
  const { busy, problem, act } = useAct()
  return (
    <>
      <ul className="mt-2 divide-y divide-border">
        {contact.merges.map(({ id, merged_at, name }) => (
          <li key={id} className="flex flex-wrap items-center gap-3 py-2.5">
            <span className="min-w-0 flex-1 wrap-anywhere">
              <bdi className="font-medium">{name}</bdi> <span className="text-muted">{format(locale, 'date').format(new Date(merged_at))}</span>
            </span>
            <Button size="small" disabled={busy !== null} aria-label={t('undo_name', { name })} onClick={() => void act(`undo ${id}`, () => undoMerge(contact.id, id))}>
              {t('undo')}
            </Button>
          </li>
        ))}
      </ul>
      <ProblemLine problem={problem} />
    </>
  )
}
