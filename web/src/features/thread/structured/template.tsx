import { ReceiptText } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { MessageText } from '../message-text'
import { list, object, text, type Json } from '../payload'
import { LocationCard } from './cards'
import { Buttons, Footer, templateButtons } from './interactive'

/** A template as the customer sees it. `media` is its header, when that is a file. */
export function TemplateView({ template, media, end }: { template: Json; media: ReactNode; end: ReactNode }) {
  const { t } = useTranslation('thread')
  const header = object(template.header)
  const format = text(header.format).toUpperCase()
  return (
    <>
      <p className="mb-0.5 flex items-center gap-1.5 text-xs opacity-75" title={[text(template.name), text(template.language)].filter(Boolean).join(' · ')}>
        <ReceiptText aria-hidden className="size-3.5 shrink-0" />
        {t('type.template')}
      </p>
      {media}
      {format === 'LOCATION' && <LocationCard content={object(header.location)} fallback="" />}
      {format === 'TEXT' && text(header.text) && (
        <p className="font-semibold wrap-anywhere" dir="auto">
          {text(header.text)}
        </p>
      )}
      <MessageText text={text(template.body)} />
      <Footer words={text(template.footer)} />
      <div className="flow-root">{end}</div>
      <Buttons buttons={templateButtons(list(template.buttons))} />
    </>
  )
}
