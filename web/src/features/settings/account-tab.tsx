import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { switchAccount, type Account, type Me } from '../../lib/account'
import { addAccount, renameAccount } from '../../lib/settings'
import { Button } from '../../ui'
import { TextField } from '../../ui/field'
import { Panel, ProblemLine, useAct } from './parts'

export function AccountTab({ me }: { me: Me }) {
  const account = me.accounts.find(({ id }) => id === me.account_id)
  return (
    <div className="flex flex-col gap-4">
      {account && <Rename key={account.name} account={account} />}
      {me.accounts.some(({ role }) => role === 'owner') && <Another />}
    </div>
  )
}

function Rename({ account }: { account: Account }) {
  const { t } = useTranslation('settings')
  const [name, setName] = useState(account.name)
  const [saved, setSaved] = useState(false)
  const { busy, problem, act } = useAct()
  return (
    <Panel title={t('account.name_title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void act('save', () => renameAccount(name.trim())).then(setSaved)
        }}
        className="flex flex-col items-start gap-3"
      >
        <div className="w-full max-w-sm">
          <TextField
            label={t('account.name')}
            value={name}
            most={100}
            onChange={(value) => {
              setName(value)
              setSaved(false)
            }}
          />
        </div>
        <ProblemLine problem={problem} />
        <div className="flex items-center gap-3">
          <Button look="primary" type="submit" disabled={busy !== null || name.trim() === '' || name.trim() === account.name}>
            {t('save')}
          </Button>
          <span role="status" className="text-[0.8125rem] text-muted">
            {saved ? t('saved') : ''}
          </span>
        </div>
      </form>
    </Panel>
  )
}

function Another() {
  const { t } = useTranslation('settings')
  const [name, setName] = useState('')
  const [made, setMade] = useState<Account | null>(null)
  const { busy, problem, act } = useAct()
  return (
    <Panel title={t('account.another')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void act('add', async () => {
            setMade(await addAccount(name.trim()))
            setName('')
          })
        }}
        className="flex flex-col items-start gap-3"
      >
        <p className="text-muted">{t('account.another_help')}</p>
        <div className="w-full max-w-sm">
          <TextField label={t('account.name')} value={name} most={100} onChange={setName} />
        </div>
        <ProblemLine problem={problem} />
        <Button type="submit" disabled={busy !== null || name.trim() === ''}>
          {t('account.create')}
        </Button>
        <div role="status">
          {made && (
            <p className="flex flex-wrap items-center gap-3">
              {t('account.created', { name: made.name })}
              <Button size="small" onClick={() => switchAccount(made.id)}>
                {t('account.go')}
              </Button>
            </p>
          )}
        </div>
      </form>
    </Panel>
  )
}
