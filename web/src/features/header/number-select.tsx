import { ChevronDown } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { chosenNumber } from '../../app/preferences'
import { formatPhone } from '../../lib/format'
import { usePhoneNumbers, type PhoneNumber } from '../../lib/inbox'
import { useStore } from '../../lib/store'
import { Logo } from '../../ui/logo'
import { Menu, MenuContent, MenuRadioGroup, MenuRadioItem, MenuTrigger } from '../../ui/menu'

const kAll = ''

/** Which business number's conversations are shown. */
export function NumberSelect() {
  const { t } = useTranslation()
  const numbers = usePhoneNumbers()
  const chosenId = useStore(chosenNumber)
  const chosen = numbers.find(({ phone_number_id }) => phone_number_id === chosenId)
  const only = numbers.length === 1 ? numbers[0] : undefined
  const shown = chosen ?? only
  const title = shown ? numberTitle(shown) : numbers.length > 0 ? t('numbers.all') : 'Parley'
  const detail = shown ? numberDetail(shown) : numbers.length > 0 ? t('numbers.count', { count: numbers.length }) : ''
  const face = (
    <>
      <Logo className="size-8 shrink-0" />
      <span className="min-w-0 text-start">
        <span className="flex text-[0.9375rem] leading-5 font-semibold">
          <span className="truncate" dir="auto">
            {title}
          </span>
        </span>
        {detail !== '' && (
          <span className="block truncate text-xs leading-4 text-muted">
            <bdi>{detail}</bdi>
          </span>
        )}
      </span>
    </>
  )
  const box = 'flex h-11 min-w-0 flex-1 items-center gap-2.5 rounded-xl px-2'
  if (numbers.length < 2) return <div className={box}>{face}</div>
  return (
    <Menu>
      <MenuTrigger className={`${box} hover:bg-surface-3 data-[state=open]:bg-surface-3`}>
        <span className="sr-only">{t('numbers.choose', { shown: '' })}</span>
        {face}
        <ChevronDown className="size-4 shrink-0 text-muted" aria-hidden />
      </MenuTrigger>
      <MenuContent align="start" className="w-80 max-w-[calc(100vw-1rem)]">
        <MenuRadioGroup value={chosen?.phone_number_id ?? kAll} onValueChange={(id) => chosenNumber.set(id || null)}>
          <MenuRadioItem value={kAll}>
            <span className="flex-1 font-medium">{t('numbers.all')}</span>
            <Unread count={numbers.reduce((sum, { unread_count }) => sum + unread_count, 0)} />
          </MenuRadioItem>
          {numbers.map((number) => (
            <MenuRadioItem key={number.phone_number_id} value={number.phone_number_id}>
              <span className="min-w-0 flex-1">
                <span className="flex font-medium">
                  <span className="truncate" dir="auto">
                    {numberTitle(number)}
                  </span>
                </span>
                <span className="block truncate text-xs text-muted">
                  <bdi>{numberDetail(number)}</bdi>
                </span>
              </span>
              <Unread count={number.unread_count} />
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  )
}

function Unread({ count }: { count: number }) {
  const { t } = useTranslation('list')
  if (count === 0) return null
  return (
    <span className="rounded-full bg-accent-soft px-1.5 text-xs leading-5 font-semibold text-accent tabular-nums">
      <span aria-hidden>{count > 999 ? '999+' : count}</span>
      <span className="sr-only">{t('unread_count', { count })}</span>
    </span>
  )
}

function numberTitle(number: PhoneNumber): string {
  return number.verified_name || displayNumber(number)
}
function numberDetail(number: PhoneNumber): string {
  return number.verified_name ? displayNumber(number) : ''
}
function displayNumber({ display_phone_number, phone_number_id }: PhoneNumber): string {
  return display_phone_number ? formatPhone(display_phone_number) : phone_number_id
}
