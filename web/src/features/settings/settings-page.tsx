import { useTranslation } from 'react-i18next'
import { PageFrame } from '../../app/page-frame'
import { settingsTabs, type SettingsTab } from '../../app/router'
import { AccountTab } from './account-tab'
import { ForManagers } from './for-managers'
import { MembersTab } from './members-tab'
import { NumbersTab } from './numbers-tab'

export default function SettingsPage({ tab }: { tab: SettingsTab }) {
  const { t } = useTranslation('settings')
  const tabs = settingsTabs.map((name) => ({ path: `/settings/${name}`, label: t(`tab.${name}`), current: name === tab }))
  return (
    <PageFrame title={t('title')} tabs={tabs}>
      <ForManagers words={t('not_allowed')}>
        {(me) => (tab === 'numbers' ? <NumbersTab /> : tab === 'members' ? <MembersTab me={me} /> : <AccountTab me={me} />)}
      </ForManagers>
    </PageFrame>
  )
}
