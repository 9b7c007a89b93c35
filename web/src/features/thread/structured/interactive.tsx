import { Copy, ExternalLink, List, MapPin, Phone, Reply, ShoppingBag, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { MessageText } from '../message-text'
import { list, object, safeLink, text, type Json } from '../payload'

interface Drawn {
  icon: LucideIcon
  words: string
  detail?: string
}

/** What an agent or a system sent with buttons, as the customer sees it. Nothing in it can be pressed. */
export function InteractiveView({ content, header, end }: { content: Json; header: ReactNode; end: ReactNode }) {
  const { t } = useTranslation('thread')
  const title = text(object(content.header).text)
  const buttons = buttonsOf(content, (key) => t(`interactive.${key}`))
  return (
    <>
      {header}
      {title && (
        <p className="font-semibold wrap-anywhere" dir="auto">
          {title}
        </p>
      )}
      <MessageText text={text(object(content.body).text)} />
      <Footer words={text(object(content.footer).text)} />
      <div className="flow-root">{end}</div>
      {content.type === 'list' ? <Rows action={object(content.action)} /> : <Buttons buttons={buttons} />}
    </>
  )
}

export function Footer({ words }: { words: string }) {
  if (!words) return null
  return (
    <p className="mt-0.5 text-xs wrap-anywhere opacity-70" dir="auto">
      {words}
    </p>
  )
}

function buttonsOf(content: Json, word: (key: string) => string): Drawn[] {
  const action = object(content.action)
  const parameters = object(action.parameters)
  switch (content.type) {
    case 'button':
      return list(action.buttons).map((button) => ({ icon: Reply, words: text(object(button.reply).title) }))
    case 'cta_url':
      return [{ icon: ExternalLink, words: text(parameters.display_text), detail: safeLink(parameters.url) ?? '' }]
    case 'location_request_message':
      return [{ icon: MapPin, words: word('send_location') }]
    case 'flow':
      return [{ icon: List, words: text(parameters.flow_cta) || word('form') }]
    case 'call_permission_request':
    case 'voice_call':
      return [{ icon: Phone, words: text(parameters.display_text) || word('call') }]
    case 'product':
    case 'product_list':
    case 'catalog_message':
      return [{ icon: ShoppingBag, words: word('products') }]
    default:
      return []
  }
}

export function Buttons({ buttons }: { buttons: Drawn[] }) {
  const { t } = useTranslation('thread')
  if (buttons.length === 0) return null
  return (
    <ul aria-label={t('interactive.buttons')} className="clear-both -mx-3 mt-1.5 -mb-1.5 min-w-48 border-t border-current/12">
      {buttons.map(({ icon: Icon, words, detail }, index) => (
        <li key={index} className="border-t border-current/12 px-3 py-2 text-center text-sm font-medium text-accent first:border-t-0">
          <span className="flex items-center justify-center gap-1.5">
            <Icon aria-hidden className="size-4 shrink-0 rtl:-scale-x-100" />
            <bdi className="wrap-anywhere">{words}</bdi>
          </span>
          {detail && (
            <bdi className="block truncate text-xs font-normal" title={detail}>
              {detail}
            </bdi>
          )}
        </li>
      ))}
    </ul>
  )
}

function Rows({ action }: { action: Json }) {
  const { t } = useTranslation('thread')
  const sections = list(action.sections)
  return (
    <details className="clear-both -mx-3 mt-1.5 -mb-1.5 min-w-48 border-t border-current/12 text-sm">
      <summary className="flex cursor-pointer items-center justify-center gap-1.5 px-3 py-2 font-medium text-accent -outline-offset-2">
        <List aria-hidden className="size-4" />
        <bdi>{text(action.button) || t('interactive.options')}</bdi>
      </summary>
      <div className="space-y-2 px-3 pb-2.5">
        {sections.map((section, index) => (
          <section key={index}>
            {text(section.title) && (
              <p className="text-xs font-semibold opacity-75" dir="auto">
                {text(section.title)}
              </p>
            )}
            <ul>
              {list(section.rows).map((row, at) => (
                <li key={at} className="border-b border-current/10 py-1 last:border-b-0" dir="auto">
                  <p className="wrap-anywhere">{text(row.title)}</p>
                  {text(row.description) && <p className="text-xs wrap-anywhere opacity-75">{text(row.description)}</p>}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </details>
  )
}

/** The buttons of a template in Meta's form. */
export function templateButtons(buttons: Json[]): Drawn[] {
  const icons: Record<string, LucideIcon> = { URL: ExternalLink, PHONE_NUMBER: Phone, COPY_CODE: Copy, OTP: Copy }
  return buttons.map((button) => ({
    icon: icons[text(button.type)] ?? Reply,
    words: text(button.text) || text(button.code) || text(button.type),
    detail: safeLink(button.url) ?? (text(button.phone_number) || (text(button.text) ? text(button.code) : '')),
  }))
}
