import {
  Check,
  CheckCheck,
  CircleAlert,
  CircleHelp,
  Clock3,
  Contact,
  FileText,
  Film,
  Image,
  LayoutTemplate,
  List,
  type LucideIcon,
  MapPin,
  MessageCircleQuestion,
  Mic,
  Phone,
  ShoppingBag,
  SmilePlus,
  Sticker,
} from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { Conversation } from '../../lib/inbox'
import { plainFileName } from '../../lib/file-name'
import type { OutboxEntry } from '../../lib/outbox'
import { useStore } from '../../lib/store'
import { workspace } from '../../lib/workspace'
import { cx } from '../../ui/cx'
import { excerptOf, kindInList } from '../thread/excerpt'

const typeIcons: Record<string, LucideIcon> = {
  image: Image,
  video: Film,
  audio: Mic,
  voice: Mic,
  document: FileText,
  sticker: Sticker,
  location: MapPin,
  contacts: Contact,
  reaction: SmilePlus,
  template: LayoutTemplate,
  interactive: List,
  button: List,
  order: ShoppingBag,
  call: Phone,
}

/** What was said last: our ticks, an icon of the kind, the beginning of the text; before that what is still in our hands. */
export function Preview({ conversation, isSelected }: { conversation: Conversation; isSelected: boolean }) {
  const { outbox, drafts } = workspace()
  const draft = useStore(drafts.all)[conversation.id]
  const unsent = useStore(outbox.entries).findLast(({ conversationId }) => conversationId === conversation.id)
  if (unsent) return <Unsent entry={unsent} />
  if (draft && !isSelected) return <Draft text={draft} />
  return <Last conversation={conversation} />
}

function Unsent({ entry }: { entry: OutboxEntry }) {
  const { t } = useTranslation('list')
  const isRefused = entry.state === 'refused'
  const Icon = isRefused ? CircleAlert : Clock3
  return (
    <span className="flex min-w-0 flex-1 items-center gap-1 text-muted">
      <Icon
        className={cx('size-4 shrink-0', isRefused && 'text-danger')}
        aria-label={t(isRefused ? 'status.failed' : 'status.queued')}
      />
      <span className="truncate" dir="auto">
        {excerptOf('text', entry.text) || plainFileName(entry.file?.name)}
      </span>
    </span>
  )
}

function Draft({ text }: { text: string }) {
  const { t } = useTranslation('list')
  return (
    <span className="flex min-w-0 flex-1 items-center gap-1 text-muted">
      <span className="shrink-0 font-medium text-danger">{t('draft')}</span>
      <span className="truncate" dir="auto">
        {text}
      </span>
    </span>
  )
}

function Last({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation('list')
  const { last_message_type: type, preview, unread_count } = conversation
  const kind = type === null || type === 'text' ? null : kindInList(type, preview)
  const Icon = kind === null ? undefined : (typeIcons[kind] ?? MessageCircleQuestion)
  const word = kind === null ? '' : t(`type.${kind}`, { defaultValue: t('type.other') })
  const said = excerptOf(type, preview)
  return (
    <span className={cx('flex min-w-0 flex-1 items-center gap-1', unread_count > 0 ? 'text-text' : 'text-muted')}>
      <Ticks status={conversation.last_message_sender === 'agent' ? conversation.last_message_status : null} />
      {Icon && <Icon className="size-4 shrink-0" aria-label={said === '' ? undefined : word} aria-hidden={said === ''} />}
      <span className="truncate" dir="auto">
        {said || word || t('no_messages')}
      </span>
    </span>
  )
}

type Status = Conversation['last_message_status']

const ticks: Partial<Record<NonNullable<Status>, { icon: LucideIcon; look: string }>> = {
  not_sent: { icon: CircleAlert, look: 'text-warn' },
  queued: { icon: Clock3, look: 'text-muted' },
  unknown: { icon: CircleHelp, look: 'text-warn' },
  sent: { icon: Check, look: 'text-muted' },
  failed: { icon: CircleAlert, look: 'text-danger' },
  delivered: { icon: CheckCheck, look: 'text-muted' },
  read: { icon: CheckCheck, look: 'text-accent' },
  played: { icon: CheckCheck, look: 'text-accent' },
}

function Ticks({ status }: { status: Status }) {
  const { t } = useTranslation('list')
  const tick = status ? ticks[status] : undefined
  if (!tick) return null
  const Icon = tick.icon
  return <Icon className={cx('size-4 shrink-0', tick.look)} aria-label={t(`status.${status ?? ''}`)} />
}
