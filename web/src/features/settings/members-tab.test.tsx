import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen, within } from '@testing-library/react'
import { Tooltip } from 'radix-ui'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { useMe, type Me, type Role } from '../../lib/account'
import { addMember, changeRole, membersQuery, type Member } from '../../lib/settings'
import { mayChange, rolesFor } from './members-tab'
import SettingsPage from './settings-page'

vi.mock('../../lib/account', async (original) => ({ ...(await original<object>()), useMe: vi.fn() }))
vi.mock('../../lib/settings', async (original) => ({ ...(await original<object>()), addMember: vi.fn(), changeRole: vi.fn() }))

const me = (role: Role): Me => ({ user_id: 'u1', accounts: [{ id: 1, name: 'Linen & Oak', role }], account_id: 1, role })
const member = (user_id: string, role: Role): Member => ({ user_id, role, email: `${user_id}@example.com`, name: null, created_at: '2026-11-23T10:00:00Z' })
const members = [member('u1', 'admin'), member('u2', 'owner'), member('u3', 'agent')]

function show(role: Role, tab: 'members' | 'account' = 'members') {
  vi.mocked(useMe).mockReturnValue(me(role))
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } })
  queries.setQueryData(membersQuery().queryKey, members)
  render(
    <QueryClientProvider client={queries}>
      <Tooltip.Provider>
        <SettingsPage tab={tab} />
      </Tooltip.Provider>
    </QueryClientProvider>,
  )
}
beforeEach(() => {
  vi.mocked(addMember).mockReset()
  vi.mocked(changeRole).mockReset().mockResolvedValue()
  vi.stubGlobal('fetch', () => new Promise(() => {}))
})

it('tells agents that settings are not theirs', () => {
  show('agent')
  expect(screen.getByText(/Settings are for owners and admins/u)).toBeTruthy()
  expect(screen.queryByText('Add a member')).toBeNull()
})

describe('who may change whom', () => {
  it.each<[Role, string, Role, boolean]>([
    ['owner', 'u2', 'owner', true],
    ['owner', 'u2', 'agent', true],
    ['owner', 'u1', 'owner', false],
    ['admin', 'u2', 'owner', false],
    ['admin', 'u2', 'admin', true],
    ['admin', 'u1', 'admin', false],
    ['agent', 'u2', 'agent', false],
  ])('%s, %s %s: %s', (own, id, role, may) => {
    expect(mayChange(me(own), member(id, role))).toBe(may)
  })
  it('lets only owners make owners', () => {
    expect(rolesFor(me('owner'))).toContain('owner')
    expect(rolesFor(me('admin'))).not.toContain('owner')
  })
})

it('leaves owners alone for admins', () => {
  show('admin')
  const [own, owner, agent] = screen.getAllByRole('listitem').map((item) => within(item))
  expect(own?.queryByRole('combobox')).toBeNull()
  expect(own?.getByRole('button', { name: 'Leave' })).toBeTruthy()
  expect(owner?.queryByRole('combobox')).toBeNull()
  expect(owner?.queryByRole('button')).toBeNull()
  fireEvent.change(agent!.getByRole('combobox'), { target: { value: 'admin' } })
  expect(changeRole).toHaveBeenCalledExactlyOnceWith('u3', 'admin')
})

it('shows a made-up password once', async () => {
  vi.mocked(addMember).mockResolvedValue({ member: member('u4', 'agent'), password: 'made-up' })
  show('owner')
  fireEvent.change(screen.getByLabelText('E-mail'), { target: { value: 'u4@example.com' } })
  fireEvent.click(screen.getByRole('button', { name: 'Add' }))
  expect(await screen.findByText('made-up')).toBeTruthy()
  expect(addMember).toHaveBeenCalledExactlyOnceWith({ email: 'u4@example.com', role: 'agent' })
})

it('takes no name for an address', () => {
  show('owner')
  fireEvent.change(screen.getByLabelText('E-mail'), { target: { value: 'somebody' } })
  fireEvent.click(screen.getByRole('button', { name: 'Add' }))
  expect(screen.getByText('This is neither an e-mail address nor a user ID.')).toBeTruthy()
  expect(addMember).not.toHaveBeenCalled()
})

it('offers another account to owners only', () => {
  show('admin', 'account')
  expect(screen.queryByText('Another account')).toBeNull()
})
