import { lazy, useCallback, useImperativeHandle, useRef, useState, type Ref } from 'react'
import { announceTyping, useConnectionState, useDraft, usePresence, type ThreadMessage } from '../../lib/inbox'
import type { ToSend } from '../../lib/outbox'
import { AttachMenu, type Form } from '../composer/attach-menu'
import { Composer, type ComposerHandle } from '../composer/composer'
import { takesCaption, type Kind } from '../composer/limits'
import { canRecord } from '../composer/recording'
import { TrayView } from '../composer/tray'
import { messagesOf, trayOf, useTrayItems } from '../composer/tray-items'
import { LoadedLater } from '../../ui'
import { ReplyBar } from './reply-bar'
import type { WindowState } from './window'

const Recorder = lazy(() => import('../composer/recorder'))
const FormDialog = lazy(() => import('../composer/forms/forms'))

export interface ThreadComposerHandle {
  /** Puts a text in to be changed, in place of what is there. */
  edit(text: string): void
  reply(message: ThreadMessage): void
  addFiles(files: File[]): void
}

interface Props {
  conversationId: number
  customerName: string
  window: WindowState
  ref: Ref<ThreadComposerHandle>
  onSend(what: ToSend): void
  onTemplate?: (() => void) | undefined
}

/** The composer with the draft, the files and the answered message of its conversation; apart from the pane, so that
 *  typing draws nothing else anew. */
export function ThreadComposer({ conversationId, customerName, window, ref, onSend, onTemplate }: Props) {
  const [draft, setDraft] = useDraft(conversationId)
  const { typing } = usePresence(conversationId)
  const connection = useConnectionState()
  const composer = useRef<ComposerHandle>(null)
  const [answered, setAnswered] = useState<ThreadMessage | null>(null)
  const [form, setForm] = useState<Form | null>(null)
  const [isRecording, setRecording] = useState(false)
  const [tray] = useState(() => trayOf(conversationId))
  const items = useTrayItems(tray)
  const onTyping = useCallback((isTyping: boolean) => announceTyping(conversationId, isTyping), [conversationId])
  const focus = () => composer.current?.focus()
  const addFiles = (files: File[], wanted?: Kind) => {
    tray.add(files, wanted)
    focus()
  }
  useImperativeHandle(
    ref,
    () => ({
      edit(text) {
        setDraft(text)
        composer.current?.focus()
      },
      reply(message) {
        setAnswered(message)
        composer.current?.focus()
      },
      addFiles: (files) => tray.add(files),
    }),
    [setDraft, tray],
  )

  /** The first of them answers what is to be answered. */
  function send(messages: ToSend[]) {
    const replyTo = answered ? { id: answered.id, whatsappId: answered.whatsapp_message_id } : undefined
    messages.forEach((message, index) => onSend(index === 0 ? { ...message, replyTo } : message))
    setAnswered(null)
  }
  function sendAll(text: string) {
    send(items.length > 0 ? messagesOf(items, text) : [{ text }])
    tray.clear()
    setDraft('')
  }
  const endRecording = () => {
    setRecording(false)
    setTimeout(focus)
  }

  const [first] = items
  const files = first && { ready: items.every(({ state }) => state === 'ready'), captioned: takesCaption(first.kind) }
  return (
    <>
      <Composer
        ref={composer}
        text={draft}
        window={window}
        typing={typing}
        offline={connection === 'offline'}
        onTextChange={setDraft}
        onTyping={onTyping}
        onSend={sendAll}
        files={files}
        above={
          (answered || first) && (
            <>
              {answered && <ReplyBar message={answered} customerName={customerName} onCancel={() => setAnswered(null)} />}
              {first && <TrayView tray={tray} items={items} />}
            </>
          )
        }
        attach={<AttachMenu onFiles={addFiles} onForm={setForm} onTemplate={onTemplate} />}
        recorder={
          isRecording ? (
            <LoadedLater>
              <Recorder
                onDone={(file) => {
                  tray.addVoice(file)
                  endRecording()
                }}
                onCancel={endRecording}
              />
            </LoadedLater>
          ) : undefined
        }
        onRecord={canRecord() ? () => setRecording(true) : undefined}
        onPasteFiles={addFiles}
        onEscape={() => {
          if (answered) setAnswered(null)
          return answered !== null
        }}
        onTemplate={onTemplate}
      />
      {form && (
        <LoadedLater>
          <FormDialog
            form={form}
            onSend={(content) => send([{ content }])}
            onClose={() => {
              setForm(null)
              setTimeout(focus)
            }}
          />
        </LoadedLater>
      )}
    </>
  )
}
