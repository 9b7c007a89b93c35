import {
  Ban,
  Contact,
  FileText,
  Image,
  MapPin,
  Mic,
  MousePointerClick,
  Music,
  Phone,
  Puzzle,
  ReceiptText,
  ShoppingCart,
  Sticker,
  Video,
  type LucideIcon,
} from 'lucide-react'
import type { TFunction } from 'i18next'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ThreadMessage } from '../../lib/inbox'
import type { BubbleActions } from './bubble-problem'
import { PastSaid } from './history'
import { MediaView } from './media/media-view'
import { plainFileName } from '../../lib/file-name'
import { MessageText } from './message-text'
import { contentOf, object, safeLink, text } from './payload'
import { Outside, PlainCard } from './structured/card'
import { CallCard, FormAnswers, LocationCard, OrderCard } from './structured/cards'
import { ContactCards } from './structured/contact-cards'
import { InteractiveView } from './structured/interactive'
import { TemplateView } from './structured/template'

type Translate = TFunction<'thread'>

const icons: Record<string, LucideIcon> = {
  image: Image,
  video: Video,
  audio: Music,
  voice: Mic,
  document: FileText,
  sticker: Sticker,
  location: MapPin,
  contacts: Contact,
  order: ShoppingCart,
  template: ReceiptText,
  button: MousePointerClick,
  interactive: MousePointerClick,
  call: Phone,
}

function kindOf(message: ThreadMessage): string {
  if (message.message_type === 'audio' && (message.media?.voice || contentOf(message).voice === true)) return 'voice'
  return message.message_type in icons ? message.message_type : 'unsupported'
}

/** What a message is, in a word or two. */
export function typeLabel(message: ThreadMessage, t: Translate): string {
  return t(`type.${kindOf(message)}`)
}

/** What is inside a bubble, by type. `children` are the time and the mark. */
export function MessageContent({ message, actions, children }: { message: ThreadMessage; actions: BubbleActions; children: ReactNode }) {
  const { t } = useTranslation('thread')
  const content = contentOf(message)
  const file = <MediaView message={message} kind={message.message_type} label={typeLabel(message, t)} actions={actions} />
  if (message.revoked_at) {
    return (
      <div className="flow-root italic">
        <Ban aria-hidden className="me-1.5 inline size-4 align-[-0.2em] opacity-80" />
        <span className="opacity-80">{t('deleted')}</span> <PastSaid message={message} />
        {children}
      </div>
    )
  }
  switch (message.message_type) {
    case 'text':
      return <MessageText text={message.message}>{children}</MessageText>
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker': {
      const caption = captionOf(message)
      return (
        <>
          {message.media || message.local?.file ? file : <Absent message={message} />}
          {caption ? <MessageText text={caption}>{children}</MessageText> : <End>{children}</End>}
        </>
      )
    }
    case 'location':
      return (
        <>
          <LocationCard content={content} fallback={message.message} />
          <End>{children}</End>
        </>
      )
    case 'contacts':
      return (
        <>
          <ContactCards message={message} actions={actions} />
          <End>{children}</End>
        </>
      )
    case 'order':
      return (
        <>
          <OrderCard content={content} />
          {text(content.text) ? <MessageText text={text(content.text)}>{children}</MessageText> : <End>{children}</End>}
        </>
      )
    case 'button':
      return <Choice label={t('chose_button')} text={message.message} end={children} />
    case 'interactive': {
      if (content.action) return <InteractiveView content={content} header={message.media ? headerOf(message, actions, t) : null} end={children} />
      const reply = object(content[text(content.type)])
      if (content.type === 'nfm_reply') {
        return (
          <>
            <FormAnswers reply={reply} />
            <End>{children}</End>
          </>
        )
      }
      const label = message.sender === 'agent' ? t('type.interactive') : t('chose_button')
      return <Choice label={label} text={text(reply.title) || message.message} detail={text(reply.description)} end={children} />
    }
    case 'template': {
      if (typeof content.body !== 'string') return <Choice label={t('type.template')} text={message.message} end={children} />
      return <TemplateView template={content} media={message.media ? headerOf(message, actions, t) : null} end={children} />
    }
    case 'call':
      return (
        <>
          <CallCard content={content} fallback={message.message} />
          <End>{children}</End>
        </>
      )
    default:
      return (
        <>
          <PlainCard
            icon={Puzzle}
            title={t('type.unsupported')}
            detail={t('unsupported_help', { kind: (text(content.type) || message.message_type).replaceAll('_', ' ') })}
          />
          <End>{children}</End>
        </>
      )
  }
}

/** The file above a template's or an interactive message's text. */
function headerOf(message: ThreadMessage, actions: BubbleActions, t: Translate): ReactNode {
  const type = message.media?.mime_type ?? ''
  const kind = /^(?:image|video)\//u.exec(type)?.[0].slice(0, -1) ?? 'document'
  return <MediaView message={message} kind={kind} label={t(`type.${kind as 'image'}`)} actions={actions} />
}

/** A file that this server does not have: a link that came instead, or nothing. */
function Absent({ message }: { message: ThreadMessage }) {
  const { t } = useTranslation('thread')
  const content = contentOf(message)
  const label = typeLabel(message, t)
  const name = plainFileName(text(content.filename))
  const link = safeLink(message.media_url)
  return (
    <>
      <PlainCard icon={icons[kindOf(message)] ?? FileText} title={name || label} detail={[name ? label : '', link ? '' : t('media.absent')].filter(Boolean).join(' · ')} />
      {link && <Outside href={link}>{t('open_file')}</Outside>}
    </>
  )
}

/** The caption of a file. Where there is none the server puts a summary ("Image") in the message. */
export function captionOf(message: ThreadMessage): string {
  const written = text(contentOf(message).caption)
  if (written) return message.edited_at ? message.message : written
  return message.payload === null ? message.message : ''
}

function Choice({ label, text: said, detail = '', end }: { label: string; text: string; detail?: string; end: ReactNode }) {
  return (
    <>
      <p className="mb-0.5 flex items-center gap-1.5 text-xs opacity-75">
        <MousePointerClick aria-hidden className="size-3.5" />
        {label}
      </p>
      <MessageText text={said}>{detail ? null : end}</MessageText>
      {detail && (
        <div className="flow-root text-xs wrap-anywhere" dir="auto">
          <span className="opacity-75">{detail}</span>
          {end}
        </div>
      )}
    </>
  )
}

function End({ children }: { children: ReactNode }) {
  return <div className="-mt-1 flow-root">{children}</div>
}
