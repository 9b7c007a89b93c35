import { Plus } from 'lucide-react'
import { Popover } from 'radix-ui'
import { lazy, useState, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import { LoadedLater, Spinner } from '../../ui'
import { kEmojiFont } from './emoji'

const EmojiPicker = lazy(() => import('../composer/emoji-picker'))
const kQuick = ['👍', '❤️', '😂', '😮', '😢', '🙏']

interface Group {
  emoji: string
  count: number
  ours: boolean
  from: string[]
}

export function grouped(reactions: ThreadMessage['reactions']): Group[] {
  const groups = new Map<string, Group>()
  for (const { emoji, sender } of reactions) {
    const group = groups.get(emoji) ?? { emoji, count: 0, ours: false, from: [] }
    group.count += 1
    if (sender === 'agent') group.ours = true
    if (!group.from.includes(sender)) group.from.push(sender)
    groups.set(emoji, group)
  }
  return [...groups.values()]
}

/** The business has one reaction to a message. */
export function ourReaction(message: ThreadMessage): string {
  return message.reactions.find(({ sender }) => sender === 'agent')?.emoji ?? ''
}

interface ChipsProps {
  message: ThreadMessage
  customerName: string
  canReact: boolean
  className: string
  onReact(emoji: string): void
}

/** Under a bubble. Pressing one takes the same reaction, or ours away. */
export function ReactionChips({ message, customerName, canReact, className, onReact }: ChipsProps) {
  const { t } = useTranslation('thread')
  const groups = grouped(message.reactions)
  if (groups.length === 0) return null
  return (
    <ul aria-label={t('reactions')} className={`relative z-10 -mt-1.5 flex flex-wrap gap-1 ${className}`}>
      {groups.map(({ emoji, count, ours, from }) => {
        const who = from.map((sender) => (sender === 'customer' ? customerName : t('us'))).join(', ')
        return (
          <li key={emoji}>
            <button
              type="button"
              aria-pressed={ours}
              title={who}
              disabled={!canReact}
              onClick={() => onReact(ours ? '' : emoji)}
              className="flex min-h-6 items-center gap-1 rounded-full border border-border bg-surface px-1.5 py-0.5 text-sm leading-none text-text aria-pressed:border-accent aria-pressed:bg-accent-soft"
            >
              <span className={kEmojiFont}>{emoji}</span>{' '}
              {count > 1 && <span className="text-xs text-muted tabular-nums">{count}</span>}{' '}
              <span className="sr-only">{who}</span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}

interface PickerProps {
  anchor: RefObject<HTMLElement | null>
  chosen: string
  onPick(emoji: string): void
  onClose(): void
}

/** Six at hand, all others behind a plus. */
export function ReactionPicker({ anchor, chosen, onPick, onClose }: PickerProps) {
  const { t } = useTranslation('thread')
  const [all, setAll] = useState(false)
  const pick = (emoji: string) => {
    onPick(emoji === chosen ? '' : emoji)
    onClose()
  }
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor virtualRef={anchor as RefObject<HTMLElement>} />
      <Popover.Portal>
        <Popover.Content
          side="top"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t('react.label')}
          className={`z-50 overflow-hidden border border-border bg-surface text-text shadow-pop outline-none ${all ? 'h-90 w-82 max-w-[calc(100vw-1rem)] rounded-2xl' : 'rounded-full p-1'}`}
        >
          {all ? (
            <LoadedLater fallback={<Spinner label={t('loading')} className="m-4" />}>
              <EmojiPicker onPick={pick} onDone={onClose} />
            </LoadedLater>
          ) : (
            <div className="flex">
              {kQuick.map((emoji) => (
                <button
                  key={emoji}
                  type="button"
                  aria-pressed={emoji === chosen}
                  aria-label={t('react.with', { emoji })}
                  onClick={() => pick(emoji)}
                  className={`${kEmojiFont} grid size-10 place-items-center rounded-full text-2xl leading-none hover:bg-surface-3 aria-pressed:bg-accent-soft`}
                >
                  {emoji}
                </button>
              ))}
              <button
                type="button"
                aria-label={t('react.more')}
                title={t('react.more')}
                onClick={() => setAll(true)}
                className="grid size-10 place-items-center rounded-full text-muted hover:bg-surface-3 hover:text-text"
              >
                <Plus aria-hidden className="size-5" />
              </button>
            </div>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
