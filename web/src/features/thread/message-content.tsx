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
import { ContactCards, FormAnswers, LocationCard, MediaCard, OrderCard, PlainCard } from './cards'
import { MessageText } from './message-text'
import { contentOf, object, text } from './payload'

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
  if (message.message_type === 'audio' && contentOf(message).voice === true) return 'voice'
  return message.message_type in icons ? message.message_type : 'unsupported'
}

/** What a message is, in a word or two. */
export function typeLabel(message: ThreadMessage, t: Translate): string {
  return t(`type.${kindOf(message)}`)
}

/** What is inside a bubble, by type. `children` are the time and the mark. */
export function MessageContent({ message, children }: { message: ThreadMessage; children: ReactNode }) {
  const { t } = useTranslation('thread')
  const content = contentOf(message)
  if (message.revoked_at) {
    return (
      <div className="flow-root italic opacity-80">
        <Ban aria-hidden className="me-1.5 inline size-4 align-[-0.2em]" />
        {t('deleted')}
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
          <MediaCard message={message} icon={icons[kindOf(message)] ?? FileText} label={typeLabel(message, t)} />
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
          <ContactCards message={message} />
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
      return <Choice label={label} text={message.message} end={children} />
    }
    case 'template':
      return <Choice label={t('type.template')} text={message.message} end={children} />
    case 'call':
      return (
        <>
          <PlainCard icon={Phone} title={t('type.call')} detail={message.message} />
          <End>{children}</End>
        </>
      )
    default:
      return (
        <>
          <PlainCard
            icon={Puzzle}
            title={t('type.unsupported')}
            detail={t('unsupported_help', { kind: text(object(content).type) || message.message_type })}
          />
          <End>{children}</End>
        </>
      )
  }
}

/** The caption of a file. Where there is none the server puts a summary ("Image") in the message. */
function captionOf(message: ThreadMessage): string {
  const written = text(contentOf(message).caption)
  if (written) return message.edited_at ? message.message : written
  return message.payload === null ? message.message : ''
}

function Choice({ label, text: said, end }: { label: string; text: string; end: ReactNode }) {
  return (
    <>
      <p className="mb-0.5 flex items-center gap-1.5 text-xs opacity-75">
        <MousePointerClick aria-hidden className="size-3.5" />
        {label}
      </p>
      <MessageText text={said}>{end}</MessageText>
    </>
  )
}

function End({ children }: { children: ReactNode }) {
  return <div className="-mt-1 flow-root">{children}</div>
}
