import { useTranslation } from 'react-i18next'
import { Dialog } from '../../ui/dialog'

type Shortcut = [keys: string[], what: string]

const isMac = /^Mac/u.test(navigator.platform)
const kControl = isMac ? '⌘' : 'Ctrl'

const everywhere: Shortcut[] = [
  [['J', '↓'], 'shortcuts.next'],
  [['K', '↑'], 'shortcuts.previous'],
  [['Enter'], 'shortcuts.open'],
  [['/'], 'shortcuts.search'],
  [['U'], 'shortcuts.unread'],
  [['N'], 'shortcuts.new'],
  [['I'], 'shortcuts.details'],
  [['Esc'], 'shortcuts.back'],
  [['?'], 'shortcuts.show'],
]
const writing: Shortcut[] = [
  [['Enter'], 'shortcuts.send'],
  [['Shift + Enter'], 'shortcuts.new_line'],
  [[`${kControl} + B`], 'shortcuts.bold'],
  [[`${kControl} + I`], 'shortcuts.italic'],
]

export function ShortcutsDialog({ open, onOpenChange }: { open: boolean; onOpenChange(open: boolean): void }) {
  const { t } = useTranslation()
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('shortcuts.title')}>
      <List shortcuts={everywhere} />
      <h3 className="mt-4 mb-1 text-xs font-medium text-muted">{t('shortcuts.writing')}</h3>
      <List shortcuts={writing} />
    </Dialog>
  )
}

function List({ shortcuts }: { shortcuts: Shortcut[] }) {
  const { t } = useTranslation()
  return (
    <dl className="divide-y divide-border">
      {shortcuts.map(([keys, what]) => (
        <div key={what} className="flex items-center justify-between gap-4 py-1.5">
          <dt>{t(what)}</dt>
          <dd dir="ltr" className="flex gap-1.5">
            {keys.map((key) => (
              <kbd
                key={key}
                className="grid h-6 min-w-6 place-items-center rounded-md border border-border bg-surface-2 px-1.5 font-sans text-xs font-medium text-muted"
              >
                {key}
              </kbd>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  )
}
