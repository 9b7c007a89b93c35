import { ListChecks, MapPin, Megaphone, Package, PhoneCall, PhoneMissed, ShoppingCart, type LucideIcon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { clock } from '../media/sound'
import { formAnswers, mapLink, money, number, object, orderLines, placeOf, safeLink, text, type Json } from '../payload'
import { useLocale } from '../use-locale'
import { Card, kDetail, Outside } from './card'

export function LocationCard({ content, fallback }: { content: Json; fallback: string }) {
  const { t } = useTranslation('thread')
  const place = placeOf(content)
  const map = mapLink(place)
  const coordinates = map ? `${place.latitude?.toFixed(5)}, ${place.longitude?.toFixed(5)}` : ''
  return (
    <Card icon={MapPin}>
      <p className="font-medium">
        <bdi>{place.name || t('type.location')}</bdi>
      </p>
      <p className={kDetail}>
        <bdi>{place.address || coordinates || fallback}</bdi>
      </p>
      {map && <Outside href={map}>{t('open_map')}</Outside>}
    </Card>
  )
}

export function OrderCard({ content }: { content: Json }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const lines = orderLines(content)
  const currency = lines[0]?.currency ?? ''
  const priced = lines.length > 0 && lines.every((line) => line.price !== null && line.currency === currency)
  const total = lines.reduce((sum, line) => sum + (line.price ?? 0) * line.quantity, 0)
  return (
    <Card icon={ShoppingCart}>
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
    </Card>
  )
}

export function FormAnswers({ reply }: { reply: Json }) {
  const { t } = useTranslation('thread')
  return (
    <Card icon={ListChecks}>
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
    </Card>
  )
}

/** The ad or post that brought the customer here. Its pictures are foreign and are not loaded. */
export function ReferralCard({ referral }: { referral: Json }) {
  const { t } = useTranslation('thread')
  const link = safeLink(referral.source_url)
  return (
    <div className="mb-1 rounded-lg border-s-4 border-accent bg-current/6 px-2.5 py-2 text-sm leading-snug wrap-anywhere">
      <p className="flex items-center gap-1.5 text-xs opacity-75">
        <Megaphone aria-hidden className="size-3.5 shrink-0" />
        {t(text(referral.source_type) === 'post' ? 'from_post' : 'from_advertisement')}
      </p>
      {text(referral.headline) && (
        <p className="font-medium" dir="auto">
          {text(referral.headline)}
        </p>
      )}
      {text(referral.body) && (
        <p className="line-clamp-3 text-xs opacity-80" dir="auto">
          {text(referral.body)}
        </p>
      )}
      {link && <Outside href={link}>{new URL(link).hostname}</Outside>}
    </div>
  )
}

/** The product that a question is about. */
export function ProductNote({ product }: { product: Json }) {
  const { t } = useTranslation('thread')
  const id = text(product.product_retailer_id)
  if (!id) return null
  return (
    <p className="mb-1 flex items-center gap-1.5 rounded-lg bg-current/6 px-2.5 py-1.5 text-xs">
      <Package aria-hidden className="size-3.5 shrink-0" />
      {t('about_product')} <bdi className="font-medium wrap-anywhere">{id}</bdi>
    </p>
  )
}

export function CallCard({ content, fallback }: { content: Json; fallback: string }) {
  const { t } = useTranslation('thread')
  const seconds = number(content.duration) ?? 0
  const ours = text(content.direction) === 'BUSINESS_INITIATED'
  const missed = seconds === 0
  const Icon: LucideIcon = missed ? PhoneMissed : PhoneCall
  const words = t(ours ? (missed ? 'call.unanswered' : 'call.outgoing') : missed ? 'call.missed' : 'call.incoming')
  const known = Object.keys(content).length > 0
  return (
    <Card icon={Icon}>
      <p className="font-medium">{known ? words : t('type.call')}</p>
      <p className={kDetail}>{seconds > 0 ? clock(seconds) : known ? object(content.error).message ? text(object(content.error).message) : '' : fallback}</p>
    </Card>
  )
}
