import { Search } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Spinner } from '../../ui'
import { kEmojiFont } from '../thread/emoji'
import { isTouch } from './touch'
import { loadEmoji, recentEmoji, rememberEmoji, search, type Emoji } from './emoji-data'

const kColumns = 8

interface Section {
  key: string
  emoji: Emoji[]
}

export default function EmojiPicker({ onPick, onDone }: { onPick(emoji: string): void; onDone(): void }) {
  const { t, i18n } = useTranslation('thread')
  const [groups, setGroups] = useState<Emoji[][] | null>(null)
  const [query, setQuery] = useState('')
  const [recent] = useState(recentEmoji)
  const grid = useRef<HTMLDivElement>(null)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    let gone = false
    void loadEmoji(i18n.language).then((loaded) => {
      if (!gone) setGroups(loaded)
    })
    return () => {
      gone = true
    }
  }, [i18n.language])
  useEffect(() => {
    if (!isTouch()) input.current?.focus()
  }, [groups])

  const sections = useMemo((): Section[] => {
    if (!groups) return []
    const all = groups.flat()
    if (query.trim() !== '') return [{ key: 'found', emoji: search(all, query) }]
    const used = recent.flatMap((unicode) => all.find((emoji) => emoji.unicode === unicode) ?? [])
    return [
      ...(used.length > 0 ? [{ key: 'recent', emoji: used }] : []),
      ...groups.map((emoji, index) => ({ key: `group${index}`, emoji })),
    ]
  }, [groups, query, recent])

  function pick(emoji: Emoji | undefined) {
    if (!emoji) return
    rememberEmoji(emoji.unicode)
    onPick(emoji.unicode)
  }

  function move(event: KeyboardEvent<HTMLElement>) {
    const buttons = [...(grid.current?.querySelectorAll('button') ?? [])]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const forward = i18n.dir() === 'rtl' ? -1 : 1
    const steps: Record<string, number> = { ArrowRight: forward, ArrowLeft: -forward, ArrowDown: kColumns, ArrowUp: -kColumns }
    const step = steps[event.key]
    if (step === undefined || (at === -1 && event.key !== 'ArrowDown')) return
    event.preventDefault()
    if (at !== -1 && at + step < 0) input.current?.focus()
    else buttons[at === -1 ? 0 : Math.min(buttons.length - 1, at + step)]?.focus()
  }

  if (!groups) {
    return (
      <div className="grid h-full place-items-center">
        <Spinner label={t('loading')} />
      </div>
    )
  }
  const isEmpty = sections.every((section) => section.emoji.length === 0)
  return (
    <div className="flex h-full flex-col" onKeyDown={move}>
      <label className="m-2 flex items-center gap-2 rounded-lg bg-surface-3 px-2.5 text-muted focus-within:ring-2 focus-within:ring-focus">
        <Search aria-hidden className="size-4 shrink-0" />
        <input
          ref={input}
          value={query}
          type="search"
          aria-label={t('emoji.search')}
          placeholder={t('emoji.search')}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
            event.preventDefault()
            pick(sections[0]?.emoji[0])
            onDone()
          }}
          className="h-9 min-w-0 flex-1 bg-transparent text-base text-text outline-none placeholder:text-muted sm:text-sm"
        />
      </label>
      <div ref={grid} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {isEmpty && <p className="p-6 text-center text-muted">{t('emoji.none')}</p>}
        {sections.map((section) => (
          <section key={section.key} aria-label={t(`emoji.${section.key}`)} className="[content-visibility:auto]">
            <h3 className="sticky top-0 bg-surface px-1 pt-2 pb-1 text-xs font-medium text-muted">{t(`emoji.${section.key}`)}</h3>
            <div className="grid grid-cols-8">
              {section.emoji.map((emoji) => (
                <button
                  key={emoji.unicode}
                  type="button"
                  title={emoji.label}
                  aria-label={emoji.label}
                  onClick={() => pick(emoji)}
                  className={`${kEmojiFont} grid aspect-square place-items-center rounded-lg text-[1.375rem] leading-none hover:bg-surface-3 focus-visible:-outline-offset-2`}
                >
                  {emoji.unicode}
                </button>
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  )
}
