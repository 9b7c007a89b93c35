import { useTranslation } from 'react-i18next'
import { PageFrame } from '../../app/page-frame'
import type { Page } from '../../app/router'
import { ForManagers } from '../settings/for-managers'
import { Checks } from './checks'
import { Deliveries } from './deliveries'
import { DeliveryView } from './delivery-view'

/** Whether Meta and this server reach each other, and the inspector of what came in. */
export default function ConnectionPage({ page }: { page: Page }) {
  const { t } = useTranslation('connection')
  const id = page.name === 'deliveries' ? page.id : null
  const tabs = [
    { path: '/connection', label: t('tab.checks'), current: page.name === 'connection' },
    { path: '/connection/deliveries', label: t('tab.deliveries'), current: page.name === 'deliveries' },
  ]
  const frame = id === null ? { title: t('title'), tabs } : { title: t('delivery.title', { id }), parent: '/connection/deliveries' }
  return (
    <PageFrame {...frame} wide={id !== null}>
      <ForManagers words={t('not_allowed')}>
        {() => (page.name === 'connection' ? <Checks /> : id === null ? <Deliveries /> : <DeliveryView key={id} id={id} />)}
      </ForManagers>
    </PageFrame>
  )
}
