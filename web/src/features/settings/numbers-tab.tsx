import { useQuery } from '@tanstack/react-query'
import { Phone, Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PageLink } from '../../app/page-frame'
import { numberSettingsQuery } from '../../lib/settings'
import { Button } from '../../ui'
import { AddNumber } from './add-number'
import { NumberPanel } from './number-panel'
import { Panel, Waiting } from './parts'

export function NumbersTab() {
  const { t } = useTranslation('settings')
  const query = useQuery(numberSettingsQuery())
  const [isAdding, setAdding] = useState(false)
  if (!query.data) return <Waiting error={query.error} onRetry={() => void query.refetch()} />
  const numbers = query.data
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-60 flex-1 text-muted">
          {t('numbers.intro')}{' '}
          <PageLink to="/connection" className="font-medium text-accent underline underline-offset-2">
            {t('numbers.to_connection')}
          </PageLink>
        </p>
        {!isAdding && numbers.length > 0 && (
          <Button look="primary" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" />
            {t('numbers.add')}
          </Button>
        )}
      </div>
      {isAdding && <AddNumber onClose={() => setAdding(false)} />}
      {numbers.length === 0 && !isAdding && (
        <Panel>
          <div className="flex flex-col items-center gap-3 py-8 text-center">
            <Phone aria-hidden className="size-8 text-muted" />
            <p className="max-w-sm text-muted">{t('numbers.none')}</p>
            <Button look="primary" onClick={() => setAdding(true)}>
              {t('numbers.add')}
            </Button>
          </div>
        </Panel>
      )}
      {numbers.map((number) => (
        <NumberPanel key={number.phone_number_id} number={number} />
      ))}
    </div>
  )
}
