import { useQuery } from '@tanstack/react-query'
import { Check, Copy, RotateCcw } from 'lucide-react'
import { useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { deliveryQuery, readable, replayDelivery } from '../../lib/connection'
import { fileSize } from '../../lib/file-name'
import { Button } from '../../ui'
import { TextField } from '../../ui/field'
import { useCopy } from '../details/use-copy'
import { Chip, Panel, ProblemLine, useAct, Waiting } from '../settings/parts'
import { useLocale } from '../thread/use-locale'
import { kStateLooks } from './deliveries'

/** One delivery with its body, for finding out why it is not in the inbox. */
export function DeliveryView({ id }: { id: number }) {
  const { t } = useTranslation('connection')
  const locale = useLocale()
  const query = useQuery(deliveryQuery(id))
  const { busy, problem, act } = useAct()
  const { copied, copy } = useCopy()
  const [words, setWords] = useState('')
  const body = useMemo(() => readable(query.data?.body ?? ''), [query.data?.body])
  const pieces = useMemo(() => piecesOf(body, words.trim()), [body, words])
  if (!query.data) return <Waiting error={query.error} onRetry={() => void query.refetch()} />
  const delivery = query.data
  const date = (at: string) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long' }).format(new Date(at))
  const hits = Math.floor(pieces.length / 2)
  return (
    <div className="flex flex-col gap-4">
      <Panel>
        <div className="flex flex-wrap items-center gap-3">
          <Chip look={kStateLooks[delivery.state]}>{t(`deliveries.${delivery.state}`)}</Chip>
          <span className="min-w-0 flex-1 text-muted">{t(`delivery.${delivery.state}_means`)}</span>
          {delivery.state !== 'stored' && (
            <Button look="primary" disabled={busy !== null} onClick={() => void act('replay', () => replayDelivery(id))}>
              <RotateCcw aria-hidden className="size-4" />
              {t('delivery.replay')}
            </Button>
          )}
        </div>
        {delivery.problem && (
          <p lang="en" dir="auto" className="mt-3 rounded-xl bg-danger-soft p-3 wrap-anywhere text-danger">
            {delivery.problem}
          </p>
        )}
        {delivery.state !== 'stored' && <p className="mt-3">{t(`delivery.${delivery.state}_advice`)}</p>}
        <div className="mt-3 empty:hidden">
          <ProblemLine problem={problem} />
        </div>
        <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-[0.8125rem]">
          <Fact label={t('delivery.received')}>{date(delivery.received_at)}</Fact>
          <Fact label={t('delivery.fields')}>{delivery.fields || '–'}</Fact>
          <Fact label={t('delivery.items')}>{delivery.items.toLocaleString(locale)}</Fact>
          <Fact label={t('delivery.size')}>{fileSize(delivery.bytes, locale)}</Fact>
          {delivery.replayed_at && <Fact label={t('delivery.replayed')}>{date(delivery.replayed_at)}</Fact>}
        </dl>
      </Panel>
      <Panel
        title={t('delivery.body')}
        actions={
          <Button size="small" onClick={() => copy(delivery.body)}>
            {copied ? <Check aria-hidden className="size-4 text-ok" /> : <Copy aria-hidden className="size-4" />}
            {t(copied ? 'copied' : 'copy')}
          </Button>
        }
      >
        <TextField label={t('delivery.search')} type="search" technical value={words} onChange={setWords} help={words.trim() ? <span role="status">{t('delivery.hits', { count: hits })}</span> : ''} />
        <pre dir="ltr" tabIndex={0} aria-label={t('delivery.body')} className="mt-3 max-h-[70vh] overflow-auto rounded-xl bg-surface-2 p-3 font-mono text-xs leading-5 wrap-anywhere whitespace-pre-wrap">
          {pieces.map((piece, index) =>
            index % 2 === 0 ? (
              piece
            ) : (
              <mark key={index} className="rounded-sm bg-warn-soft text-warn">
                {piece}
              </mark>
            ),
          )}
        </pre>
      </Panel>
    </div>
  )
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="min-w-0 wrap-anywhere">
        <bdi>{children}</bdi>
      </dd>
    </>
  )
}

const kMostHits = 1000

/** The text cut at what is searched for: odd pieces are hits. Upper and lower case are the same. */
export function piecesOf(body: string, words: string): string[] {
  if (words === '') return [body]
  const pattern = new RegExp(words.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`), 'giu')
  const pieces: string[] = []
  let from = 0
  for (const { 0: hit, index } of body.matchAll(pattern)) {
    if (pieces.length >= 2 * kMostHits) break
    pieces.push(body.slice(from, index), hit)
    from = index + hit.length
  }
  return [...pieces, body.slice(from)]
}
