import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PageLink } from '../../app/page-frame'
import { deliveriesQuery, deliveryStates, type Delivery, type DeliveryState } from '../../lib/connection'
import { fileSize } from '../../lib/file-name'
import { Button, cx } from '../../ui'
import { Chip, Waiting } from '../settings/parts'
import { useLocale } from '../thread/use-locale'

export const kStateLooks = { stored: 'ok', partial: 'warn', dead: 'danger' } as const

/** What Meta delivered, newest first, as it comes. */
export function Deliveries() {
  const { t } = useTranslation('connection')
  const [state, setState] = useState<DeliveryState | null>(null)
  const query = useInfiniteQuery(deliveriesQuery(state))
  const deliveries = query.data?.pages.flatMap((page) => page.deliveries) ?? []
  return (
    <div className="flex flex-col gap-3">
      <p className="text-muted">{t('deliveries.intro')}</p>
      <div role="group" aria-label={t('deliveries.filter')} className="flex flex-wrap gap-1.5">
        {[null, ...deliveryStates].map((one) => (
          <button
            key={one ?? 'all'}
            type="button"
            aria-pressed={state === one}
            onClick={() => setState(one)}
            className={cx('h-8 rounded-full border px-3 text-[0.8125rem] font-medium', state === one ? 'border-accent bg-accent-soft text-accent' : 'border-border bg-surface text-muted hover:text-text')}
          >
            {t(`deliveries.${one ?? 'all'}`)}
          </button>
        ))}
      </div>
      {!query.data ? (
        <Waiting error={query.error} onRetry={() => void query.refetch()} />
      ) : deliveries.length === 0 ? (
        <p className="rounded-2xl border border-border bg-surface p-8 text-center text-muted">{t(state ? 'deliveries.none_such' : 'deliveries.none')}</p>
      ) : (
        <ul aria-label={t('tab.deliveries')} className="divide-y divide-border overflow-hidden rounded-2xl border border-border bg-surface">
          {deliveries.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button className="self-center" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('deliveries.more')}
        </Button>
      )}
    </div>
  )
}

function Row({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation('connection')
  const locale = useLocale()
  const at = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' }).format(new Date(delivery.received_at))
  return (
    <li>
      <PageLink to={`/connection/deliveries/${delivery.id}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 -outline-offset-2 hover:bg-surface-2">
        <Chip look={kStateLooks[delivery.state]}>{t(`deliveries.${delivery.state}`)}</Chip>
        <time dateTime={delivery.received_at} className="tabular-nums">
          {at}
        </time>
        <bdi className="min-w-0 flex-1 truncate text-muted">{delivery.fields}</bdi>
        <span className="text-[0.8125rem] text-muted tabular-nums">
          {t('deliveries.items', { count: delivery.items })} · {fileSize(delivery.bytes, locale)}
        </span>
        {delivery.problem && (
          <span lang="en" dir="auto" className="w-full text-[0.8125rem] wrap-anywhere text-danger">
            {delivery.problem}
          </span>
        )}
      </PageLink>
    </li>
  )
}
