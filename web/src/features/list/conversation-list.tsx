import { useVirtualizer } from '@tanstack/react-virtual'
import { Search, X } from 'lucide-react'
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { chosenNumber } from '../../app/preferences'
import { useNow } from '../../lib/inbox'
import { useStore } from '../../lib/store'
import { Button } from '../../ui/button'
import { Spinner } from '../../ui/spinner'
import { cx } from '../../ui/cx'
import { ConversationRow, kRowHeight } from './conversation-row'
import { EmptyList, ListError, ListSkeleton } from './empty-list'
import { useConversationList } from './use-conversation-list'
import { usePointerAtWork, useSteadyOrder } from './use-steady-order'

/** What keyboard shortcuts do to the list. */
export interface ListActions {
  focusSearch(): void
  focusList(): void
  move(step: 1 | -1): void
  toggleUnread(): void
}

export interface ConversationListProps {
  selectedId: number | null
  onSelect(id: number): void
  onNew(): void
  unreadTotal: number
  simulatorUrl: string | null
  actions: Ref<ListActions>
}

export function ConversationList({ selectedId, onSelect, onNew, unreadTotal, simulatorUrl, actions }: ConversationListProps) {
  const { t } = useTranslation('list')
  const phoneNumberId = useStore(chosenNumber)
  const [unread, setUnread] = useState(false)
  const [q, setQ] = useState('')
  const search = useRef<HTMLInputElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const [activeId, setActiveId] = useState<number | null>(null)
  const now = useNow(30_000)

  const list = useConversationList({ phoneNumberId, unread, q }, selectedId)
  const pointer = usePointerAtWork()
  const view = JSON.stringify([phoneNumberId, unread, q])
  const rows = useSteadyOrder(list.conversations, pointer.isAtWork, view)

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRowHeight,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
    paddingStart: 4,
    paddingEnd: 8,
  })
  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? -1
  useEffect(() => {
    if (lastShown >= rows.length - 10 && list.hasMore && !list.loadMoreFailed) list.loadMore()
  })
  useScrollAnchor(scroller, rows)
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 })
    setActiveId(null)
  }, [view])

  // The arrow keys go on from where one is, also after it was closed.
  useEffect(() => {
    if (selectedId !== null) setActiveId(selectedId)
  }, [selectedId])

  const activeIndex = rows.findIndex(({ id }) => id === (activeId ?? selectedId))
  function activate(index: number) {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)]
    if (!row) return
    setActiveId(row.id)
    virtual.scrollToIndex(rows.indexOf(row))
    scroller.current?.focus({ preventScroll: true })
  }
  useImperativeHandle(actions, () => ({
    focusSearch: () => search.current?.select(),
    focusList: () => scroller.current?.focus(),
    move: (step) => activate(activeIndex < 0 ? 0 : activeIndex + step),
    toggleUnread: () => setUnread((now) => !now),
  }))
  function onKeyDown(event: KeyboardEvent) {
    const target = { ArrowDown: activeIndex + 1, ArrowUp: activeIndex - 1, Home: 0, End: rows.length - 1 }[event.key]
    const row = rows[activeIndex]
    if (target !== undefined) activate(target)
    else if (row && (event.key === 'Enter' || event.key === ' ')) onSelect(row.id)
    else return
    event.preventDefault()
  }

  return (
    <section aria-label={t('title')} className="flex min-h-0 flex-1 flex-col">
      <h1 className="sr-only">{t('title')}</h1>
      <div className="space-y-2 px-3 pb-2">
        <div className="relative" role="search">
          <Search className="pointer-events-none absolute start-3 top-2.5 size-4 text-muted" aria-hidden />
          <input
            ref={search}
            type="search"
            value={q}
            onChange={(event) => setQ(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown') activate(0)
              else if (event.key === 'Escape' && q !== '') setQ('')
              else return
              event.preventDefault()
              event.stopPropagation()
            }}
            placeholder={t('search')}
            aria-label={t('search')}
            maxLength={200}
            className="h-9 w-full rounded-lg border border-transparent bg-surface-3 ps-9 pe-9 outline-none placeholder:text-muted focus-visible:border-accent focus-visible:bg-surface [&::-webkit-search-cancel-button]:hidden"
          />
          {list.isSearching && <Spinner label={t('searching')} className="absolute end-2 top-2" />}
          {q !== '' && !list.isSearching && (
            <button
              type="button"
              aria-label={t('clear_search')}
              onClick={() => {
                setQ('')
                search.current?.focus()
              }}
              className="absolute end-1 top-1 grid size-7 place-items-center rounded-md text-muted hover:text-text"
            >
              <X className="size-4" aria-hidden />
            </button>
          )}
        </div>
        <div role="group" aria-label={t('filter')} className="flex gap-1.5">
          <Filter isOn={!unread} onClick={() => setUnread(false)} text={t('all')} />
          <Filter isOn={unread} onClick={() => setUnread(true)} text={t('unread')} count={unreadTotal} />
        </div>
      </div>
      <div
        ref={scroller}
        role={rows.length > 0 ? 'listbox' : undefined}
        aria-label={t('title')}
        aria-activedescendant={activeIndex >= 0 ? rowId(rows[activeIndex]?.id) : undefined}
        tabIndex={rows.length > 0 ? 0 : undefined}
        onKeyDown={onKeyDown}
        onFocus={() => activeIndex < 0 && setActiveId(rows[0]?.id ?? null)}
        className="group relative min-h-0 flex-1 overflow-y-auto overflow-x-hidden outline-none [overflow-anchor:none]"
        {...pointer.handlers}
      >
        {list.isLoading ? (
          <ListSkeleton />
        ) : list.error ? (
          <ListError problem={list.error} onRetry={list.retry} />
        ) : rows.length === 0 ? (
          <EmptyList
            q={q.trim()}
            unread={unread}
            simulatorUrl={simulatorUrl}
            onClearSearch={() => setQ('')}
            onShowAll={() => setUnread(false)}
            onNew={onNew}
          />
        ) : (
          <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const conversation = rows[item.index]
              if (!conversation) return null
              return (
                <div
                  key={item.key}
                  role="presentation"
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <ConversationRow
                    conversation={conversation}
                    id={rowId(conversation.id)}
                    now={now}
                    isSelected={conversation.id === selectedId}
                    isActive={item.index === activeIndex}
                    position={item.index + 1}
                    count={list.hasMore ? -1 : rows.length}
                    onOpen={onSelect}
                  />
                </div>
              )
            })}
          </div>
        )}
        {list.isLoadingMore && (
          <div className="grid place-items-center pb-4">
            <Spinner label={t('loading')} />
          </div>
        )}
        {list.loadMoreFailed && !list.isLoadingMore && (
          <div className="flex items-center justify-center gap-2 pb-4 text-muted">
            {t('error')}
            <Button size="small" onClick={list.loadMore}>
              {t('retry')}
            </Button>
          </div>
        )}
      </div>
    </section>
  )
}

const rowId = (id: number | undefined) => `conversation-${id}`

function Filter({ isOn, onClick, text, count = 0 }: { isOn: boolean; onClick(): void; text: string; count?: number }) {
  const { t } = useTranslation('list')
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={cx(
        'inline-flex h-7 items-center gap-1.5 rounded-full px-3 text-[0.8125rem] font-medium transition-colors',
        isOn ? 'bg-accent-soft text-accent' : 'text-muted hover:bg-surface-3 hover:text-text',
      )}
    >
      {text}
      {count > 0 && (
        <span title={t('unread_count', { count })} className="text-xs font-semibold tabular-nums">
          {count > 999 ? '999+' : count}
        </span>
      )}
    </button>
  )
}

/** Somebody who has scrolled down keeps seeing the same rows when others move in above them. */
function useScrollAnchor(scroller: RefObject<HTMLDivElement | null>, rows: { id: number }[]): void {
  const anchor = useRef<{ id: number; index: number } | null>(null)
  useLayoutEffect(() => {
    const box = scroller.current
    if (!box) return
    const before = anchor.current
    const index = before ? rows.findIndex(({ id }) => id === before.id) : -1
    if (before && index >= 0 && index !== before.index && box.scrollTop > kRowHeight) {
      box.scrollTop += (index - before.index) * kRowHeight
    }
    const remember = () => {
      const first = Math.floor(box.scrollTop / kRowHeight) + 1
      const row = rows[first]
      anchor.current = row ? { id: row.id, index: first } : null
    }
    remember()
    box.addEventListener('scroll', remember, { passive: true })
    return () => box.removeEventListener('scroll', remember)
  }, [scroller, rows])
}
