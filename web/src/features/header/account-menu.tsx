import { Bell, BellOff, Building2, Keyboard, Languages, LogOut, Monitor, Moon, PlugZap, Settings, Sun, Volume2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { language, languages, type Language } from '../../app/i18n'
import { notificationsOn, soundOn } from '../../app/preferences'
import { openPath } from '../../app/router'
import { theme, type Theme } from '../../app/theme'
import { mayManage, switchAccount, useMe } from '../../lib/account'
import type { Person } from '../../lib/auth'
import { useConnectionState } from '../../lib/inbox'
import { useStore } from '../../lib/store'
import { Avatar } from '../../ui/avatar'
import {
  Menu,
  MenuCheckboxItem,
  MenuContent,
  MenuItem,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuSub,
  MenuTrigger,
} from '../../ui/menu'
import { canNotify, turnOnNotifications } from '../notifications/use-notifier'

const themeIcons = { system: Monitor, light: Sun, dark: Moon }

export interface AccountMenuProps {
  person: Person
  version: string
  onShortcuts(): void
  onSignOut(): void
}

export function AccountMenu({ person, version, onShortcuts, onSignOut }: AccountMenuProps) {
  const { t } = useTranslation()
  const isLive = useConnectionState() === 'live'
  return (
    <Menu>
      <MenuTrigger
        aria-label={t('account.menu', { name: person.name })}
        className="relative grid size-9 shrink-0 place-items-center rounded-full hover:opacity-90"
      >
        <Avatar name={person.name.replace(/@.*/, '')} seed={person.userId} size="small" />
        <span
          aria-hidden
          className={`absolute end-0 bottom-0 size-2.5 rounded-full border-2 border-surface ${isLive ? 'bg-ok' : 'bg-warn'}`}
        />
      </MenuTrigger>
      <MenuContent className="w-64">
        <div className="px-2.5 pt-1.5 pb-2">
          <p className="flex font-semibold">
            <span className="truncate" dir="auto">
              {person.name}
            </span>
          </p>
          {person.email !== person.name && <p className="truncate text-[0.8125rem] text-muted">{person.email}</p>}
        </div>
        <MenuSeparator />
        <AccountItems />
        <ThemeMenu />
        <LanguageMenu />
        <MenuSeparator />
        <NotificationItems />
        <MenuItem onSelect={onShortcuts}>
          <Keyboard className="size-4 text-muted" aria-hidden />
          <span className="flex-1">{t('shortcuts.title')}</span>
          <kbd className="text-xs text-muted">?</kbd>
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={onSignOut}>
          <LogOut className="size-4 text-muted rtl:-scale-x-100" aria-hidden />
          {t('account.sign_out')}
        </MenuItem>
        <p className="px-2.5 pt-1.5 pb-1 text-xs text-muted">Parley {version}</p>
      </MenuContent>
    </Menu>
  )
}

function AccountItems() {
  const { t } = useTranslation()
  const me = useMe()
  const current = me?.accounts.find(({ id }) => id === me.account_id)
  return (
    <>
      {me && current && me.accounts.length > 1 && (
        <MenuSub icon={<Building2 className="size-4 text-muted" aria-hidden />} label={t('account.switch')} value={current.name}>
          <MenuRadioGroup value={String(me.account_id)} onValueChange={(id) => switchAccount(Number(id))}>
            {me.accounts.map(({ id, name }) => (
              <MenuRadioItem key={id} value={String(id)}>
                <bdi>{name}</bdi>
              </MenuRadioItem>
            ))}
          </MenuRadioGroup>
        </MenuSub>
      )}
      <MenuItem onSelect={() => openPath('/settings/numbers')}>
        <Settings className="size-4 text-muted" aria-hidden />
        {t('account.settings')}
      </MenuItem>
      {mayManage(me?.role) && (
        <MenuItem onSelect={() => openPath('/connection')}>
          <PlugZap className="size-4 text-muted" aria-hidden />
          {t('account.connection')}
        </MenuItem>
      )}
      <MenuSeparator />
    </>
  )
}

function ThemeMenu() {
  const { t } = useTranslation()
  const chosen = useStore(theme)
  const ChosenIcon = themeIcons[chosen]
  return (
    <MenuSub icon={<ChosenIcon className="size-4 text-muted" aria-hidden />} label={t('theme.title')} value={t(`theme.${chosen}`)}>
      <MenuRadioGroup value={chosen} onValueChange={(value) => theme.set(value as Theme)}>
        {Object.entries(themeIcons).map(([value, Icon]) => (
          <MenuRadioItem key={value} value={value}>
            <Icon className="size-4 text-muted" aria-hidden />
            {t(`theme.${value}`)}
          </MenuRadioItem>
        ))}
      </MenuRadioGroup>
    </MenuSub>
  )
}

function LanguageMenu() {
  const { t } = useTranslation()
  const chosen = useStore(language)
  return (
    <MenuSub icon={<Languages className="size-4 text-muted" aria-hidden />} label={t('language')} value={languages[chosen]}>
      <MenuRadioGroup value={chosen} onValueChange={(value) => language.set(value as Language)}>
        {Object.entries(languages).map(([code, name]) => (
          <MenuRadioItem key={code} value={code} lang={code}>
            {name}
          </MenuRadioItem>
        ))}
      </MenuRadioGroup>
    </MenuSub>
  )
}

function NotificationItems() {
  const { t } = useTranslation()
  const isWanted = useStore(notificationsOn)
  const hasSound = useStore(soundOn)
  const permission = 'Notification' in window ? Notification.permission : 'denied'
  const isOn = isWanted && permission === 'granted'
  const Icon = isOn ? Bell : BellOff
  const change = (on: boolean) => (on ? void turnOnNotifications() : notificationsOn.set(false))
  return (
    <>
      {canNotify() && (
        <MenuCheckboxItem
          checked={isOn}
          disabled={permission === 'denied'}
          onCheckedChange={change}
          onSelect={(event) => event.preventDefault()}
        >
          <Icon className="size-4 shrink-0 text-muted" aria-hidden />
          <span>{t(permission === 'denied' ? 'notifications.blocked' : 'notifications.title')}</span>
        </MenuCheckboxItem>
      )}
      <MenuCheckboxItem
        checked={hasSound}
        onCheckedChange={(on) => soundOn.set(on)}
        onSelect={(event) => event.preventDefault()}
      >
        <Volume2 className="size-4 text-muted" aria-hidden />
        {t('notifications.sound')}
      </MenuCheckboxItem>
    </>
  )
}
