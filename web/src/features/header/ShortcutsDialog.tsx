import { useTranslation } from 'react-i18next'
import { Dialog } from '../../ui/Dialog'

const shortcuts: [keys: string[], what: string][] = [
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

export function ShortcutsDialog({ open, onOpenChange }: { open: boolean; onOpenChange(open: boolean): void }) {
  const { t } = useTranslation()
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t('shortcuts.title')}>
      <dl className="divide-y divide-border">
        {shortcuts.map(([keys, what]) => (
          <div key={what} className="flex items-center justify-between gap-4 py-2">
            <dt>{t(what)}</dt>
            <dd className="flex gap-1.5">
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
    </Dialog>
  )
}
