import { LockKeyhole, Mic, ReceiptText, SendHorizontal, TriangleAlert } from 'lucide-react'
import { useId, useImperativeHandle, useLayoutEffect, useRef, type KeyboardEvent, type ReactNode, type Ref } from 'react'
import { useTranslation } from 'react-i18next'
import type { Agent } from '../../lib/inbox'
import { format } from '../thread/days'
import { useLocale } from '../thread/use-locale'
import { duration, type WindowState } from '../thread/window'
import { Button } from '../../ui'
import { EmojiButton } from './emoji-button'
import { kShortcuts, toggleMarker, type Selection } from './formatting'
import { kCountFrom, kLongestMessage, lengthOf } from './limit'
import { kLongestCaption } from './limits'
import { isTouch } from './touch'

export interface ComposerHandle {
  focus(): void
}

interface Props {
  text: string
  window: WindowState
  /** Other agents who write an answer to the same customer now. */
  typing: Agent[]
  offline: boolean
  ref?: Ref<ComposerHandle>
  onTextChange(text: string): void
  onSend(text: string): void
  /** Every keystroke is told, and when writing ends. */
  onTyping(typing: boolean): void
  /** The files that go with the text, and whether they can go now; absent when there are none. */
  files?: { ready: boolean; captioned: boolean } | undefined
  /** What is answered, and the files. */
  above?: ReactNode
  /** The button for what is not text. */
  attach?: ReactNode
  /** Stands in for the text field while a voice message is recorded. */
  recorder?: ReactNode
  onRecord?: (() => void) | undefined
  onPasteFiles?(files: File[]): void
  /** Escape in the text field; true when something was given up by it. */
  onEscape?(): boolean
  /** Opens the choice of a template; absent as long as there is none. */
  onTemplate?: (() => void) | undefined
}

const kTallest = 8 * 22 + 20

export function Composer(props: Props) {
  const { text, window: state, typing, offline, files, ref, onTextChange, onSend, onTyping } = props
  const { t } = useTranslation('thread')
  const field = useRef<HTMLTextAreaElement>(null)
  const noteId = useId()
  useImperativeHandle(ref, () => ({ focus: () => field.current?.focus() }), [])

  useLayoutEffect(() => {
    const element = field.current
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${Math.min(element.scrollHeight, kTallest)}px`
    element.style.overflowY = element.scrollHeight > kTallest ? 'auto' : 'hidden'
  }, [text])

  if (state.kind === 'closed') return <ClosedWindow at={state.closedAt} onTemplate={props.onTemplate} />

  const length = lengthOf(text)
  const most = files?.captioned ? kLongestCaption : kLongestMessage
  const tooLong = length > most
  const canSend = (files ? files.ready : text.trim() !== '') && !tooLong

  function send() {
    if (!canSend) return
    onTyping(false)
    onSend(text.trim())
    field.current?.focus()
  }

  function replace(next: Selection) {
    onTextChange(next.text)
    requestAnimationFrame(() => field.current?.setSelectionRange(next.start, next.end))
  }

  function insert(piece: string) {
    const element = field.current
    const start = element?.selectionStart ?? text.length
    const end = element?.selectionEnd ?? text.length
    const caret = start + piece.length
    replace({ text: text.slice(0, start) + piece + text.slice(end), start: caret, end: caret })
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    // 229 is what some input methods report while they compose.
    if (event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) return
    const marker = kShortcuts[event.key.toLowerCase()]
    if (marker && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault()
      const { selectionStart: start, selectionEnd: end } = event.currentTarget
      replace(toggleMarker({ text, start, end }, marker))
      return
    }
    if (event.key === 'Escape' && props.onEscape?.()) {
      event.stopPropagation()
      return
    }
    if (event.key !== 'Enter' || event.shiftKey || event.altKey) return
    const isCommand = event.ctrlKey || event.metaKey
    if (isTouch() && !isCommand) return
    event.preventDefault()
    send()
  }

  const warned = typing.length > 0
  return (
    <div className="relative border-t border-border bg-surface pb-[env(safe-area-inset-bottom)]">
      <TypingLine typing={typing} />
      {props.above}
      <form
        className="px-2 py-2 sm:px-4"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        {props.recorder}
        <div
          hidden={props.recorder !== undefined}
          className={`flex items-end gap-1 rounded-3xl [&[hidden]]:hidden border bg-bg p-1 transition-colors motion-reduce:transition-none ${tooLong ? 'border-danger' : warned ? 'border-warn bg-warn/8' : 'border-border has-[textarea:focus]:border-focus'} has-[textarea:focus]:outline-2 has-[textarea:focus]:outline-transparent`}
        >
          {props.attach}
          <EmojiButton onPick={insert} onClosed={() => field.current?.focus()} />
          <textarea
            ref={field}
            rows={1}
            dir="auto"
            value={text}
            aria-label={t('composer.label')}
            aria-describedby={noteId}
            aria-invalid={tooLong}
            placeholder={t(files?.captioned ? 'tray.caption' : 'composer.placeholder')}
            onPaste={(event) => {
              const pasted = [...event.clipboardData.files]
              // Cells of a table come as text and as a picture of themselves: then the text is meant.
              const isText = event.clipboardData.types.includes('text/plain')
              if (pasted.length === 0 || isText || !props.onPasteFiles) return
              event.preventDefault()
              props.onPasteFiles(pasted)
            }}
            onChange={(event) => {
              onTextChange(event.target.value)
              onTyping(event.target.value !== '')
            }}
            onBlur={() => onTyping(false)}
            onKeyDown={onKeyDown}
            className="min-h-10 min-w-0 flex-1 resize-none bg-transparent px-1 py-2.25 text-base leading-[1.375rem] text-text outline-none placeholder:text-muted sm:text-[0.9375rem]"
          />
          {props.onRecord && text.trim() === '' && !files ? (
            <button
              type="button"
              onClick={props.onRecord}
              aria-label={t('voice.record')}
              title={t('voice.record')}
              className="grid size-10 shrink-0 place-items-center rounded-full text-muted hover:bg-surface-2 hover:text-text"
            >
              <Mic aria-hidden className="size-5" />
            </button>
          ) : (
            <button
              type="submit"
              disabled={!canSend}
              aria-label={t('composer.send')}
              title={t('composer.send')}
              className="grid size-10 shrink-0 place-items-center rounded-full bg-accent text-accent-text transition-[opacity,background-color] hover:opacity-90 disabled:bg-transparent disabled:text-muted disabled:opacity-60 motion-reduce:transition-none"
            >
              <SendHorizontal aria-hidden className="size-5 rtl:-scale-x-100" />
            </button>
          )}
        </div>
        <div id={noteId} className="flex min-h-0 flex-wrap items-center gap-x-3 px-3 text-xs text-muted empty:hidden">
          <Notes state={state} offline={offline} length={length} most={most} />
        </div>
      </form>
    </div>
  )
}

function Notes({ state, offline, length, most }: { state: WindowState; offline: boolean; length: number; most: number }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const tooLong = length > most
  return (
    <>
      {offline && <span className="mt-1">{t('composer.offline')}</span>}
      {state.kind === 'closing' && (
        <span className="mt-1 flex items-center gap-1 text-warn">
          <TriangleAlert aria-hidden className="size-3.5" />
          {t('composer.closing', { left: duration(state.leftMs, locale) })}
        </span>
      )}
      {length >= most * kCountFrom && (
        <span className={`mt-1 ms-auto tabular-nums ${tooLong ? 'font-semibold text-danger' : ''}`} role={tooLong ? 'alert' : undefined}>
          {tooLong ? `${t('composer.too_long', { count: length - most })} · ` : ''}
          <bdi>
            {length.toLocaleString(locale)} / {most.toLocaleString(locale)}
          </bdi>
        </span>
      )}
    </>
  )
}

function TypingLine({ typing }: { typing: Agent[] }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const names = new Intl.ListFormat(locale, { type: 'conjunction' }).format(typing.map((agent) => agent.name))
  return (
    // Over the room that the thread leaves at its end, so that nothing moves when somebody begins or stops.
    <div role="status" className="pointer-events-none absolute inset-x-0 bottom-full flex justify-center px-3 pb-1">
      {typing.length > 0 && (
        <p className="flex items-center gap-2 rounded-full bg-warn-soft px-3 py-1 text-xs font-medium text-text shadow-xs">
          <span aria-hidden className="flex gap-0.5 text-warn">
            <i className="size-1.5 animate-pulse rounded-full bg-current motion-reduce:animate-none" />
            <i className="size-1.5 animate-pulse rounded-full bg-current [animation-delay:200ms] motion-reduce:animate-none" />
            <i className="size-1.5 animate-pulse rounded-full bg-current [animation-delay:400ms] motion-reduce:animate-none" />
          </span>
          {t('typing', { count: typing.length, names })}
        </p>
      )}
    </div>
  )
}

function ClosedWindow({ at, onTemplate }: { at: Date; onTemplate: (() => void) | undefined }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  return (
    <div className="border-t border-border bg-surface px-4 py-3 pb-[calc(0.75rem+env(safe-area-inset-bottom))] sm:px-6">
      <div className="flex items-start gap-3 rounded-2xl bg-surface-2 p-3 text-sm">
        <span className="grid size-9 shrink-0 place-items-center rounded-full bg-surface-3 text-muted">
          <LockKeyhole aria-hidden className="size-4.5" />
        </span>
        <div>
          <p className="font-semibold text-text">{t('closed.title')}</p>
          <p className="text-muted">{t('closed.help', { at: format(locale, 'date').format(at) })}</p>
          {onTemplate && (
            <Button look="primary" size="small" className="mt-2" onClick={onTemplate}>
              <ReceiptText aria-hidden className="size-4" />
              {t('closed.template')}
            </Button>
          )}
        </div>
      </div>
    </div>
  )
}
