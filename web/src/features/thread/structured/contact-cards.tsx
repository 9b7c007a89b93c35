import { Contact, MessageSquarePlus, UserRoundPlus } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../../lib/inbox'
import type { BubbleActions } from '../bubble-problem'
import { cardsOf, type Card as Person } from '../payload'
import { Card, kDetail, PlainCard } from './card'

export function ContactCards({ message, actions }: { message: ThreadMessage; actions: BubbleActions }) {
  const { t } = useTranslation('thread')
  const people = cardsOf(message)
  if (people.length === 0) return <PlainCard icon={Contact} title={t('type.contacts')} detail={message.message} />
  return people.map((person, index) => <ContactCard key={index} person={person} actions={actions} />)
}

const kAction =
  'inline-flex min-h-7 items-center gap-1 rounded-md border border-current/20 px-2 text-xs font-medium hover:bg-current/8'

function ContactCard({ person, actions }: { person: Person; actions: BubbleActions }) {
  const { t } = useTranslation('thread')
  const name = person.name || t('type.contacts')
  const [number] = person.reachable
  return (
    <Card icon={Contact}>
      <p className="font-medium">
        <bdi>{name}</bdi>
      </p>
      {[person.company, ...person.phones, ...person.emails].filter(Boolean).map((line) => (
        <p key={line} className={kDetail}>
          <bdi>{line}</bdi>
        </p>
      ))}
      {(number !== undefined || actions.addContact) && (
        <div className="mt-1.5 flex flex-wrap gap-1.5">
          {number !== undefined && (
            <button type="button" className={kAction} onClick={() => actions.write(number)} aria-label={t('contact.write_to', { name })}>
              <MessageSquarePlus aria-hidden className="size-3.5" />
              {t('contact.write')}
            </button>
          )}
          {actions.addContact && (
            <button type="button" className={kAction} onClick={() => actions.addContact?.(person)} aria-label={t('contact.add_name', { name })}>
              <UserRoundPlus aria-hidden className="size-3.5" />
              {t('contact.add')}
            </button>
          )}
        </div>
      )}
    </Card>
  )
}
