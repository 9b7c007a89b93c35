import { act, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import type { SignInProblem } from '../../lib/auth'
import { SignInPage } from './sign-in-page'

function show(answer: SignInProblem | null | Error, ended = false) {
  const signInWithPassword = vi.fn(async () => {
    if (answer instanceof Error) throw answer
    return answer
  })
  render(<SignInPage auth={{ signInWithPassword }} ended={ended} />)
  return { signInWithPassword, user: userEvent.setup() }
}

async function signIn(user: ReturnType<typeof userEvent.setup>) {
  await user.type(screen.getByLabelText('E-mail'), ' ana@example.com ')
  await user.type(screen.getByLabelText('Password'), 'secret{Enter}')
}

describe('signing in', () => {
  it('starts in the e-mail field and passes on what was typed', async () => {
    const { signInWithPassword, user } = show(null)
    expect(screen.getByLabelText('E-mail')).toHaveFocus()
    await signIn(user)
    expect(signInWithPassword).toHaveBeenCalledWith('ana@example.com', 'secret')
  })

  it('asks for what is missing instead of asking the server', async () => {
    const { signInWithPassword, user } = show(null)
    await user.type(screen.getByLabelText('E-mail'), 'ana@example.com{Enter}')
    expect(screen.getByLabelText('Password')).toHaveFocus()
    expect(signInWithPassword).not.toHaveBeenCalled()
  })

  it('says that the password is wrong and lets it be typed again', async () => {
    const { user } = show({ kind: 'wrong' })
    await signIn(user)
    expect(await screen.findByText('E-mail or password is wrong.')).toBeVisible()
    expect(screen.getByLabelText('Password')).toHaveFocus()
    expect(screen.getByLabelText('Password')).toHaveValue('')
    expect(screen.getByLabelText('E-mail')).toHaveValue(' ana@example.com '.trim())
  })

  it('counts down after too many attempts', async () => {
    const { user } = show({ kind: 'too-many', seconds: 1 })
    await signIn(user)
    expect(await screen.findByText('Too many attempts. Try again in 1 s.')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Sign in' })).toBeDisabled()
    await waitFor(() => expect(screen.getByRole('button', { name: 'Sign in' })).toBeEnabled(), { timeout: 2_000 })
    expect(screen.getByText('You can try again now.')).toBeVisible()
  })

  it('says that the server is away', async () => {
    const { user } = show(new TypeError('Failed to fetch'))
    await signIn(user)
    expect(await screen.findByText(/The server cannot be reached/)).toBeVisible()
  })

  it('shows the password when asked', async () => {
    const { user } = show(null)
    await user.click(screen.getByRole('button', { name: 'Show password' }))
    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'text')
    await user.click(screen.getByRole('button', { name: 'Hide password' }))
    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'password')
  })

  it('hints at caps lock', async () => {
    show(null)
    const field = screen.getByLabelText('Password')
    act(() => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'A', bubbles: true, modifierCapsLock: true }))
    })
    expect(await screen.findByText('Caps Lock is on.')).toBeVisible()
  })

  it('says why somebody is here again', () => {
    show(null, true)
    expect(screen.getByText(/Your session has ended/)).toBeVisible()
  })
})
