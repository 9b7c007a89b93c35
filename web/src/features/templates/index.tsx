import { lazy } from 'react'
import { needStrings } from '../../app/i18n'
import { LoadedLater } from '../../ui'

export interface TemplatePickerProps {
  /** The open conversation; without one `to` is written to from `phoneNumberId`, perhaps for the first time. */
  conversationId?: number | undefined
  phoneNumberId: string
  /** Digits with the country code. */
  to?: string | undefined
  onSent(conversationId: number): void
  onClose(): void
}

const Picker = lazy(async () => {
  const [part] = await Promise.all([import('./picker'), needStrings('templates')])
  return part
})

/** Sends an approved template; loaded when it is first wanted. */
export function TemplatePicker(props: TemplatePickerProps) {
  return (
    <LoadedLater>
      <Picker {...props} />
    </LoadedLater>
  )
}
