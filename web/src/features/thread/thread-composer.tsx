import { useCallback, useImperativeHandle, useRef, type Ref } from 'react'
import { announceTyping, useConnectionState, useDraft, usePresence } from '../../lib/inbox'
import { Composer, type ComposerHandle } from '../composer/composer'
import type { WindowState } from './window'

export interface ThreadComposerHandle {
  /** Puts a text in to be changed, in place of what is there. */
  edit(text: string): void
}

/** The composer with the draft of its conversation; apart from the pane, so that typing draws nothing else anew. */
export function ThreadComposer({
  conversationId,
  window,
  ref,
  onSend,
}: {
  conversationId: number
  window: WindowState
  ref: Ref<ThreadComposerHandle>
  onSend(text: string): void
}) {
  const [draft, setDraft] = useDraft(conversationId)
  const { typing } = usePresence(conversationId)
  const connection = useConnectionState()
  const composer = useRef<ComposerHandle>(null)
  const onTyping = useCallback((isTyping: boolean) => announceTyping(conversationId, isTyping), [conversationId])
  useImperativeHandle(
    ref,
    () => ({
      edit(text) {
        setDraft(text)
        composer.current?.focus()
      },
    }),
    [setDraft],
  )
  return (
    <Composer
      ref={composer}
      text={draft}
      window={window}
      typing={typing}
      offline={connection === 'offline'}
      onTextChange={setDraft}
      onTyping={onTyping}
      onSend={(text) => {
        onSend(text)
        setDraft('')
      }}
    />
  )
}
