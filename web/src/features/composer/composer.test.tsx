import { fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { WindowState } from '../thread/window'
import { Composer } from './composer'
import { toggleMarker } from './formatting'
import { lengthOf } from './limit'

const open: WindowState = { kind: 'open', closesAt: new Date('2026-11-24T10:00:00Z'), leftMs: 20 * 3_600_000 }
const onSend = vi.fn()
const onTyping = vi.fn()
let isTouch = false

beforeEach(() => {
  isTouch = false
  onSend.mockReset()
  onTyping.mockReset()
  window.matchMedia = ((query: string) => ({ matches: isTouch && query.includes('coarse') })) as typeof window.matchMedia
})

function Field({ start = '', state = open, typing = [] as string[], offline = false }) {
  const [text, setText] = useState(start)
  return (
    <Composer
      text={text}
      window={state}
      typing={typing.map((name) => ({ userId: name, name }))}
      offline={offline}
      onTextChange={setText}
      onTyping={onTyping}
      onSend={(sent) => {
        onSend(sent)
        setText('')
      }}
    />
  )
}
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message' })
const sendButton = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Send' })

describe('Enter', () => {
  it('sends, and the focus stays', () => {
    render(<Field start="  Hello " />)
    field().focus()
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect(onSend).toHaveBeenCalledExactlyOnceWith('Hello')
    expect(field().value).toBe('')
    expect(document.activeElement).toBe(field())
  })

  it('with Shift begins a line', () => {
    render(<Field start="Hello" />)
    expect(fireEvent.keyDown(field(), { key: 'Enter', shiftKey: true })).toBe(true)
    expect(onSend).not.toHaveBeenCalled()
  })

  it('belongs to the input method while it composes', () => {
    render(<Field start="こん" />)
    fireEvent.keyDown(field(), { key: 'Enter', isComposing: true })
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 229 })
    expect(onSend).not.toHaveBeenCalled()
  })

  it('begins a line on phones', () => {
    isTouch = true
    render(<Field start="Hello" />)
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect(onSend).not.toHaveBeenCalled()
    fireEvent.click(sendButton())
    expect(onSend).toHaveBeenCalledWith('Hello')
  })

  it('sends nothing when there is nothing', () => {
    render(<Field start="  " />)
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect(onSend).not.toHaveBeenCalled()
    expect(sendButton().disabled).toBe(true)
  })
})

describe('the limit', () => {
  it('is counted from 3,500 characters', () => {
    const { rerender } = render(<Field key="a" start={'a'.repeat(3499)} />)
    expect(screen.queryByText(/4,096/u)).toBeNull()
    rerender(<Field key="b" start={'a'.repeat(3500)} />)
    expect(screen.getByText('3,500 / 4,096')).toBeTruthy()
  })

  it('stops longer messages and says so', () => {
    render(<Field start={'a'.repeat(4098)} />)
    expect(screen.getByRole('alert').textContent).toContain('2 characters too long')
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect(onSend).not.toHaveBeenCalled()
    expect(field().getAttribute('aria-invalid')).toBe('true')
  })

  it('counts an emoji as one', () => {
    expect(lengthOf('😀'.repeat(4096))).toBe(4096)
    render(<Field start={'😀'.repeat(4096)} />)
    expect(sendButton().disabled).toBe(false)
  })
})

describe('what stands around', () => {
  it('is closed with the window', () => {
    render(<Field state={{ kind: 'closed', closedAt: new Date('2026-11-23T10:00:00Z') }} />)
    expect(screen.queryByRole('textbox')).toBeNull()
    expect(screen.getByText('The 24-hour window is closed')).toBeTruthy()
  })

  it('counts down when little is left', () => {
    render(<Field state={{ kind: 'closing', closesAt: new Date(), leftMs: 65 * 60_000 }} />)
    expect(screen.getByText('Free replies end in 1 hr 5 min')).toBeTruthy()
  })

  it('shows who else writes', () => {
    render(<Field typing={['Ben', 'Eva']} />)
    expect(screen.getByText('Ben and Eva are typing a reply')).toBeTruthy()
  })

  it('tells of typing and of its end', () => {
    render(<Field />)
    fireEvent.change(field(), { target: { value: 'H' } })
    expect(onTyping).toHaveBeenLastCalledWith(true)
    fireEvent.keyDown(field(), { key: 'Enter' })
    expect(onTyping).toHaveBeenLastCalledWith(false)
  })

  it('says that it is offline', () => {
    render(<Field offline />)
    expect(screen.getByText(/You are offline/u)).toBeTruthy()
  })
})

describe('files and what else is not text', () => {
  const composed = (over: Partial<Parameters<typeof Composer>[0]>) => (
    <Composer text="" window={open} typing={[]} offline={false} onTextChange={vi.fn()} onTyping={onTyping} onSend={onSend} {...over} />
  )

  it('go without a text, when they are ready', () => {
    const { rerender } = render(composed({ files: { ready: false, captioned: true } }))
    expect(sendButton().disabled).toBe(true)
    rerender(composed({ files: { ready: true, captioned: true } }))
    fireEvent.click(sendButton())
    expect(onSend).toHaveBeenCalledWith('')
  })

  it('have shorter captions than messages may be', () => {
    render(composed({ text: 'a'.repeat(1026), files: { ready: true, captioned: true } }))
    expect(screen.getByRole('alert').textContent).toContain('2 characters too long')
    expect(sendButton().disabled).toBe(true)
  })

  it('are taken from the clipboard', () => {
    const onPasteFiles = vi.fn()
    render(composed({ onPasteFiles }))
    const file = new File(['x'], 'a.png', { type: 'image/png' })
    expect(fireEvent.paste(field(), { clipboardData: { files: [file], types: ['Files', 'text/html'] } })).toBe(false)
    expect(onPasteFiles).toHaveBeenCalledWith([file])
    expect(fireEvent.paste(field(), { clipboardData: { files: [file], types: ['text/plain', 'Files'] } })).toBe(true)
    expect(onPasteFiles).toHaveBeenCalledTimes(1)
  })

  it('a voice message can be recorded as long as nothing is written', () => {
    const onRecord = vi.fn()
    const { rerender } = render(composed({ onRecord }))
    fireEvent.click(screen.getByRole('button', { name: 'Record a voice message' }))
    expect(onRecord).toHaveBeenCalled()
    rerender(composed({ onRecord, text: 'Hi' }))
    expect(sendButton().disabled).toBe(false)
  })

  it('Escape gives up the answer first, and only then leaves the field', () => {
    const left = vi.fn()
    window.addEventListener('keydown', left)
    const onEscape = vi.fn(() => true)
    render(composed({ onEscape }))
    fireEvent.keyDown(field(), { key: 'Escape' })
    expect(left).not.toHaveBeenCalled()
    onEscape.mockReturnValue(false)
    fireEvent.keyDown(field(), { key: 'Escape' })
    expect(left).toHaveBeenCalled()
    window.removeEventListener('keydown', left)
  })

  it('a closed window leads to the templates', () => {
    const onTemplate = vi.fn()
    const closed: WindowState = { kind: 'closed', closedAt: new Date('2026-11-23T10:00:00Z') }
    render(composed({ window: closed, onTemplate }))
    fireEvent.click(screen.getByRole('button', { name: 'Send a template' }))
    expect(onTemplate).toHaveBeenCalled()
  })
})

describe('formatting', () => {
  it.each([
    ['a [b] c', 'a *[b]* c'],
    ['a [b ]c', 'a *[b]* c'],
    ['a *[b]* c', 'a [b] c'],
    ['[]', '*[]*'],
  ])('%s becomes %s', (before, after) => {
    const read = (marked: string) => {
      const start = marked.indexOf('[')
      return { text: marked.replace(/[[\]]/gu, ''), start, end: marked.indexOf(']') - 1 }
    }
    expect(toggleMarker(read(before), '*')).toEqual(read(after))
  })

  it('is done by Ctrl+B', () => {
    render(<Field start="word" />)
    field().setSelectionRange(0, 4)
    fireEvent.keyDown(field(), { key: 'b', ctrlKey: true })
    expect(field().value).toBe('*word*')
  })
})
