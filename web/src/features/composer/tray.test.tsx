import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { toJpeg } from './pictures'
import { TrayView } from './tray'
import { messagesOf, Tray, useTrayItems } from './tray-items'

vi.mock('./pictures', () => ({ toJpeg: vi.fn(), sizeOf: () => Promise.resolve({ width: 4, height: 3 }) }))

beforeEach(() => {
  URL.createObjectURL = () => 'blob:x'
  URL.revokeObjectURL = () => {}
})

const aFile = (name: string, type: string, size = 3) => {
  const file = new File(['abc'], name, { type })
  Object.defineProperty(file, 'size', { value: size })
  return file
}
function Shown({ tray }: { tray: Tray }) {
  return <TrayView tray={tray} items={useTrayItems(tray)} />
}
const names = (tray: Tray) => tray.items.get().map(({ file }) => file.name)
const until = (tray: Tray, state: string) => waitFor(() => expect(tray.items.get().every((item) => item.state === state)).toBe(true))

describe('the tray', () => {
  it('says which limit was passed, and offers the way around it', async () => {
    const tray = new Tray()
    render(<Shown tray={tray} />)
    act(() => tray.add([aFile('holiday.mp4', 'video/mp4', 23 * 1024 * 1024)]))
    expect(screen.getByRole('alert').textContent).toContain('Videos can be up to 16 MB; this one has 23 MB.')
    fireEvent.click(screen.getByRole('button', { name: 'Send as a document' }))
    await until(tray, 'ready')
    expect(tray.items.get()[0]?.kind).toBe('document')
  })

  it('converts pictures and says so; what cannot be read may go as a document', async () => {
    vi.mocked(toJpeg).mockImplementation((file) =>
      file.name === 'bad.heic'
        ? Promise.reject(new Error('no'))
        : Promise.resolve({ file: aFile('a.jpg', 'image/jpeg'), natural: { width: 4, height: 3 }, scaled: false }),
    )
    const tray = new Tray()
    render(<Shown tray={tray} />)
    act(() => tray.add([aFile('a.webp', 'image/webp')]))
    await screen.findByText('Converted to JPEG for WhatsApp')
    act(() => tray.add([aFile('bad.heic', 'image/heic')]))
    await screen.findByText('This browser cannot read the picture.')
    expect(tray.items.get().map(({ state, asDocument }) => [state, asDocument ?? false])).toEqual([['ready', false], ['refused', true]])
  })

  it('is ordered and cleared by its buttons; the first has no caption of its own', async () => {
    const tray = new Tray()
    render(<Shown tray={tray} />)
    act(() => tray.add([aFile('a.pdf', 'application/pdf'), aFile('b\u202E<i>.pdf', 'application/pdf')]))
    await until(tray, 'ready')
    expect(screen.getAllByRole('textbox')).toHaveLength(1)
    expect(document.querySelector('i')).toBeNull()
    fireEvent.click(screen.getByRole('button', { name: 'Move b<i>.pdf forward' }))
    expect(names(tray)).toEqual(['b\u202E<i>.pdf', 'a.pdf'])
    fireEvent.click(screen.getByRole('button', { name: 'Remove a.pdf' }))
    expect(names(tray)).toHaveLength(1)
  })
})

describe('the messages of a tray', () => {
  const item = (name: string, kind: 'image' | 'audio' | 'document', caption = '') =>
    ({ key: name, file: aFile(name, 'x/y'), kind, caption, voice: false, state: 'ready' }) as const

  it('the first takes what was typed as its caption', () => {
    const messages = messagesOf([item('a', 'image', 'ignored'), item('b', 'document', ' own ')], 'typed')
    expect(messages.map(({ text, file }) => [file?.name, text])).toEqual([['a', 'typed'], ['b', 'own']])
  })

  it('a sound takes no caption: the text follows it', () => {
    const messages = messagesOf([item('a', 'audio')], 'typed')
    expect(messages.map(({ text, file }) => [file?.name, text])).toEqual([['a', undefined], [undefined, 'typed']])
  })
})

it('a recording over 512 KB is sent as plain audio', () => {
  const tray = new Tray()
  tray.addVoice(aFile('a.ogg', 'audio/ogg; codecs=opus', 512 * 1024))
  tray.addVoice(aFile('b.ogg', 'audio/ogg; codecs=opus', 512 * 1024 + 1))
  tray.addVoice(aFile('c.m4a', 'audio/mp4'))
  expect(tray.items.get().map(({ voice }) => voice)).toEqual([true, false, false])
})
