import { act, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { markRead } from '../../lib/inbox'
import { useMarkRead } from './use-mark-read'

vi.mock('../../lib/inbox', () => ({ markRead: vi.fn() }))

interface Seen {
  unread?: number
  newestIncoming?: number | null
  inView?: boolean
  attentive?: boolean
}
function Reader({ unread = 1, newestIncoming = 10, inView = true, attentive = true }: Seen) {
  useMarkRead({ conversationId: 7, unread, newestIncoming, inView, attentive })
  return null
}
const wait = () => act(() => vi.advanceTimersByTimeAsync(2000))

beforeEach(() => {
  vi.useFakeTimers()
  vi.mocked(markRead).mockReset().mockResolvedValue()
})
afterEach(() => vi.useRealTimers())

it('marks what was seen for a moment as read, once', async () => {
  const { rerender } = render(<Reader />)
  expect(markRead).not.toHaveBeenCalled()
  await wait()
  rerender(<Reader inView={false} />)
  rerender(<Reader />)
  await wait()
  expect(markRead).toHaveBeenCalledExactlyOnceWith(7)
})

it.each<[string, Seen]>([
  ['nobody looks', { attentive: false }],
  ['the newest message is out of sight', { inView: false }],
  ['nothing is unread', { unread: 0 }],
  ['nothing came in', { newestIncoming: null }],
])('marks nothing while %s', async (_, seen) => {
  render(<Reader {...seen} />)
  await wait()
  expect(markRead).not.toHaveBeenCalled()
})

it('marks nothing when the reader leaves at once', async () => {
  const { rerender } = render(<Reader />)
  await act(() => vi.advanceTimersByTimeAsync(300))
  rerender(<Reader attentive={false} />)
  await wait()
  expect(markRead).not.toHaveBeenCalled()
})

it('marks again when newer messages arrive', async () => {
  const { rerender } = render(<Reader />)
  await wait()
  rerender(<Reader unread={0} />)
  rerender(<Reader unread={1} newestIncoming={11} />)
  await wait()
  expect(markRead).toHaveBeenCalledTimes(2)
})

it('tries again after a failure', async () => {
  vi.mocked(markRead).mockRejectedValueOnce(new Error('offline'))
  const { rerender } = render(<Reader />)
  await wait()
  rerender(<Reader attentive={false} />)
  rerender(<Reader />)
  await wait()
  expect(markRead).toHaveBeenCalledTimes(2)
})
