import { Contact, ExternalLink, ListChecks, MapPin, ShoppingCart, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useLocale } from './use-locale'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import {
  cardsOf,
  contentOf,
  formAnswers,
  mapLink,
  money,
  orderLines,
  placeOf,
  safeLink,
  text,
  type Json,
} from './payload'

function Frame({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <div className="mb-1 flex min-w-56 items-start gap-3 rounded-lg bg-current/6 p-2.5">
      <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-current/8">
        <Icon aria-hidden className="size-5 opacity-80" />
      </span>
      <div className="min-w-0 flex-1 self-center text-sm leading-snug wrap-anywhere">{children}</div>
    </div>
  )
}

const kDetail = 'text-xs opacity-75'
const kLink =
  'mt-1 inline-flex min-h-6 items-center gap-1 text-xs font-medium text-accent underline decoration-current/40 underline-offset-2 hover:decoration-current'

function Outside({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" className={kLink}>
      {children}
      <ExternalLink aria-hidden className="size-3 rtl:-scale-x-100" />
    </a>
  )
}

export function PlainCard({ icon, title, detail }: { icon: LucideIcon; title: string; detail: string }) {
  return (
    <Frame icon={icon}>
      <p className="font-medium">{title}</p>
      {detail && (
        <p className={kDetail}>
          <bdi>{detail}</bdi>
        </p>
      )}
    </Frame>
  )
}

export function MediaCard({ message, icon, label }: { message: ThreadMessage; icon: LucideIcon; label: string }) {
  const { t } = useTranslation('thread')
  const content = contentOf(message)
  const name = text(content.filename)
  const kind = text(content.mime_type).split(';')[0]?.split('/')[1]?.toUpperCase() ?? ''
  const link = safeLink(message.media_url)
  return (
    <Frame icon={icon}>
      <p className="font-medium">
        <bdi>{name || label}</bdi>
      </p>
      <p className={kDetail}>
        {[name ? label : '', kind.length <= 5 ? kind : '', link ? '' : t('not_loaded')].filter(Boolean).join(' · ')}
      </p>
      {link && <Outside href={link}>{t('open_file')}</Outside>}
    </Frame>
  )
}

export function LocationCard({ content, fallback }: { content: Json; fallback: string }) {
  const { t } = useTranslation('thread')
  const place = placeOf(content)
  const map = mapLink(place)
  const coordinates = map ? `${place.latitude?.toFixed(5)}, ${place.longitude?.toFixed(5)}` : ''
  return (
    <Frame icon={MapPin}>
      <p className="font-medium">
        <bdi>{place.name || t('type.location')}</bdi>
      </p>
      <p className={kDetail}>
        <bdi>{place.address || coordinates || fallback}</bdi>
      </p>
      {map && <Outside href={map}>{t('open_map')}</Outside>}
    </Frame>
  )
}

export function ContactCards({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  const cards = cardsOf(message)
  if (cards.length === 0) return <PlainCard icon={Contact} title={t('type.contacts')} detail={message.message} />
  return cards.map((card, index) => (
    <Frame key={index} icon={Contact}>
      <p className="font-medium">
        <bdi>{card.name || t('type.contacts')}</bdi>
      </p>
      {card.company && (
        <p className={kDetail}>
          <bdi>{card.company}</bdi>
        </p>
      )}
      {[...card.phones, ...card.emails].map((line) => (
        <p key={line} className={kDetail}>
          <bdi>{line}</bdi>
        </p>
      ))}
    </Frame>
  ))
}

export function OrderCard({ content }: { content: Json }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const lines = orderLines(content)
  const currency = lines[0]?.currency ?? ''
  const priced = lines.length > 0 && lines.every((line) => line.price !== null && line.currency === currency)
  const total = lines.reduce((sum, line) => sum + (line.price ?? 0) * line.quantity, 0)
  return (
    <Frame icon={ShoppingCart}>
      <p className="font-medium">{t('order_items', { count: lines.reduce((sum, line) => sum + line.quantity, 0) })}</p>
      <ul className={kDetail}>
        {lines.map((line, index) => (
          <li key={index} className="flex justify-between gap-4">
            <span>
              {line.quantity} × <bdi>{line.product}</bdi>
            </span>
            {line.price !== null && <span>{money(line.price * line.quantity, line.currency, locale)}</span>}
          </li>
        ))}
      </ul>
      {priced && (
        <p className="mt-1 flex justify-between gap-4 border-t border-current/15 pt-1 text-xs font-semibold">
          <span>{t('order_total')}</span>
          <span>{money(total, currency, locale)}</span>
        </p>
      )}
    </Frame>
  )
}

export function FormAnswers({ reply }: { reply: Json }) {
  const { t } = useTranslation('thread')
  return (
    <Frame icon={ListChecks}>
      <p className="font-medium">{t('form_answered')}</p>
      <dl className={kDetail}>
        {formAnswers(reply).map(([name, value]) => (
          <div key={name}>
            <dt className="inline">{name}: </dt>
            <dd className="inline font-medium" dir="auto">
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </Frame>
  )
}
