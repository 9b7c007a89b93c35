import { useQuery } from '@tanstack/react-query'
import { Check, Copy } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me, Role } from '../../lib/account'
import { addMember, changeRole, membersQuery, removeMember, type Member } from '../../lib/settings'
import { Avatar, Button, Dialog } from '../../ui'
import { SelectField, TextField } from '../../ui/field'
import { useCopy } from '../details/use-copy'
import { Panel, ProblemLine, useAct, Waiting } from './parts'

const kRoles: Role[] = ['owner', 'admin', 'agent']

/** What the server allows as well: admins leave owners alone, and nobody changes the own role. */
export function mayChange(me: Me, member: Member): boolean {
  return member.user_id !== me.user_id && (me.role === 'owner' || (me.role === 'admin' && member.role !== 'owner'))
}

export function rolesFor(me: Me): Role[] {
  return me.role === 'owner' ? kRoles : kRoles.filter((role) => role !== 'owner')
}

export function MembersTab({ me }: { me: Me }) {
  const { t } = useTranslation('settings')
  const query = useQuery(membersQuery())
  const [removing, setRemoving] = useState<Member | null>(null)
  const { busy, problem, act } = useAct()
  if (!query.data) return <Waiting error={query.error} onRetry={() => void query.refetch()} />
  return (
    <div className="flex flex-col gap-4">
      <AddMember me={me} />
      <Panel title={t('members.title')}>
        <ul className="divide-y divide-border">
          {query.data.map((member) => {
            const name = member.name || member.email || member.user_id
            const isMe = member.user_id === me.user_id
            return (
              <li key={member.user_id} className="flex flex-wrap items-center gap-x-3 gap-y-2 py-3 first:pt-0 last:pb-0">
                <Avatar name={(member.name ?? member.email ?? '').replace(/@.*/u, '')} seed={member.user_id} size="small" />
                <div className="min-w-48 flex-1">
                  <p className="font-medium wrap-anywhere">
                    <bdi>{name}</bdi> {isMe && <span className="font-normal text-muted">({t('members.you')})</span>}
                  </p>
                  {member.email && member.email !== name && (
                    <p className="text-[0.8125rem] wrap-anywhere text-muted">
                      <bdi>{member.email}</bdi>
                    </p>
                  )}
                </div>
                <div className="flex items-center gap-3 max-sm:ms-11">
                  {mayChange(me, member) ? (
                    <select
                      aria-label={t('members.role_of', { name })}
                      value={member.role}
                      disabled={busy !== null}
                      onChange={({ target }) => void act(member.user_id, () => changeRole(member.user_id, target.value as Role))}
                      className="h-8 rounded-lg border border-border-strong bg-surface px-2 text-[0.8125rem]"
                    >
                      {rolesFor(me).map((role) => (
                        <option key={role} value={role}>
                          {t(`role.${role}`)}
                        </option>
                      ))}
                    </select>
                  ) : (
                    <span className="text-[0.8125rem] text-muted">{t(`role.${member.role}`)}</span>
                  )}
                  {(isMe || mayChange(me, member)) && (
                    <Button size="small" look="danger" aria-label={isMe ? undefined : t('members.remove_name', { name })} onClick={() => setRemoving(member)}>
                      {t(isMe ? 'members.leave' : 'members.remove')}
                    </Button>
                  )}
                </div>
              </li>
            )
          })}
        </ul>
        <div className="mt-3 empty:hidden">{removing === null && <ProblemLine problem={problem} />}</div>
      </Panel>
      <Panel title={t('members.roles')}>
        <dl className="flex flex-col gap-2">
          {kRoles.map((role) => (
            <div key={role}>
              <dt className="inline font-medium">{t(`role.${role}`)}: </dt>
              <dd className="inline text-muted">{t(`role.${role}_may`)}</dd>
            </div>
          ))}
        </dl>
      </Panel>
      {removing && (
        <Dialog
          open
          onOpenChange={() => setRemoving(null)}
          title={t('members.remove_title', { name: removing.name || removing.email || removing.user_id })}
          description={t('members.remove_text')}
          footer={
            <>
              <Button onClick={() => setRemoving(null)}>{t('cancel')}</Button>
              <Button look="danger" disabled={busy !== null} onClick={() => void act('remove', () => removeMember(removing.user_id)).then((done) => done && setRemoving(null))}>
                {t('members.remove')}
              </Button>
            </>
          }
        >
          <ProblemLine problem={problem} />
        </Dialog>
      )}
    </div>
  )
}

const isUserId = (typed: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(typed)

function AddMember({ me }: { me: Me }) {
  const { t } = useTranslation('settings')
  const [who, setWho] = useState('')
  const [role, setRole] = useState<Role>('agent')
  const [wrong, setWrong] = useState('')
  const [added, setAdded] = useState<{ name: string; password: string | null } | null>(null)
  const { busy, problem, act } = useAct()
  const { copied, copy } = useCopy()

  async function submit(event: FormEvent) {
    event.preventDefault()
    const typed = who.trim()
    if (!isUserId(typed) && !typed.includes('@')) return setWrong(t('members.who_wrong'))
    setAdded(null)
    await act('add', async () => {
      const { member, password } = await addMember(isUserId(typed) ? { user_id: typed, role } : { email: typed, role })
      setAdded({ name: member.email ?? typed, password })
      setWho('')
    })
  }
  const atWho = problem && ['email', 'user_id'].includes(String(problem.member)) ? problem.detail : ''
  return (
    <Panel title={t('members.add')}>
      <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
        <div className="flex flex-col gap-3 sm:flex-row sm:items-start">
          <TextField
            label={t('members.who')}
            value={who}
            type="email"
            technical
            onChange={(value) => {
              setWho(value)
              setWrong('')
            }}
            help={t('members.who_help')}
            problem={wrong || atWho}
          />
          <SelectField label={t('members.role')} value={role} onChange={(value) => setRole(value as Role)} options={rolesFor(me).map((value) => ({ value, label: t(`role.${value}`) }))} help={t(`role.${role}_may`)} />
        </div>
        {problem && !atWho && <ProblemLine problem={problem} />}
        <Button look="primary" type="submit" className="self-start" disabled={busy !== null}>
          {t('members.add_button')}
        </Button>
      </form>
      <div role="status">
        {added && (
          <div className="mt-4 rounded-xl bg-accent-soft p-3">
            <p className="font-medium wrap-anywhere">{t('members.added', { name: added.name })}</p>
            {added.password && (
              <>
                <p className="mt-1 text-[0.8125rem]">{t('members.password_once')}</p>
                <p className="mt-2 flex flex-wrap items-center gap-2">
                  <code dir="ltr" className="rounded-md bg-surface px-2.5 py-1.5 font-mono wrap-anywhere select-all">
                    {added.password}
                  </code>
                  <Button size="small" onClick={() => copy(added.password ?? '')}>
                    {copied ? <Check aria-hidden className="size-4 text-ok" /> : <Copy aria-hidden className="size-4" />}
                    {t(copied ? 'copied' : 'copy')}
                  </Button>
                </p>
              </>
            )}
          </div>
        )}
      </div>
    </Panel>
  )
}
