import {
  Camera,
  Contact,
  FileText,
  Image,
  Link,
  List,
  MapPin,
  MapPinned,
  MessageSquareReply,
  Music,
  Plus,
  ReceiptText,
  type LucideIcon,
} from 'lucide-react'
import { useRef, type RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '../../ui'
import type { Kind } from './limits'
import { isTouch } from './touch'

export type Form = 'location' | 'contact' | 'button' | 'list' | 'cta_url' | 'location_request_message'

interface Props {
  onFiles(files: File[], wanted?: Kind): void
  onForm(form: Form): void
  onTemplate?: (() => void) | undefined
}

/** What can be sent beside text. */
export function AttachMenu({ onFiles, onForm, onTemplate }: Props) {
  const { t } = useTranslation('thread')
  const pictures = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const sounds = useRef<HTMLInputElement>(null)
  const documents = useRef<HTMLInputElement>(null)
  const input = (ref: RefObject<HTMLInputElement | null>, accept: string, wanted?: Kind, capture?: 'environment') => (
    <input
      ref={ref}
      type="file"
      hidden
      multiple={!capture}
      accept={accept}
      capture={capture}
      aria-label={t('attach.label')}
      onChange={({ currentTarget }) => {
        onFiles([...(currentTarget.files ?? [])], wanted)
        // The same file may be picked again.
        currentTarget.value = ''
      }}
    />
  )
  const entry = (icon: LucideIcon, words: string, act: () => void) => {
    const Icon = icon
    return (
      <MenuItem onSelect={() => setTimeout(act)}>
        <Icon aria-hidden className="size-4.5 text-muted" />
        {words}
      </MenuItem>
    )
  }
  return (
    <>
      {input(pictures, 'image/*,video/*')}
      {input(camera, 'image/*', undefined, 'environment')}
      {input(sounds, 'audio/*')}
      {input(documents, '', 'document')}
      <Menu>
        <MenuTrigger
          type="button"
          aria-label={t('attach.label')}
          title={t('attach.label')}
          className="grid size-10 shrink-0 place-items-center rounded-full text-muted hover:bg-surface-2 hover:text-text data-[state=open]:bg-surface-2 data-[state=open]:text-text"
        >
          <Plus aria-hidden className="size-5.5" />
        </MenuTrigger>
        <MenuContent side="top" align="start" aria-label={t('attach.label')}>
          {entry(Image, t('attach.picture'), () => pictures.current?.click())}
          {isTouch() && entry(Camera, t('attach.camera'), () => camera.current?.click())}
          {entry(FileText, t('attach.document'), () => documents.current?.click())}
          {entry(Music, t('attach.audio'), () => sounds.current?.click())}
          {entry(MapPin, t('attach.location'), () => onForm('location'))}
          {entry(Contact, t('attach.contact'), () => onForm('contact'))}
          <MenuSeparator />
          {entry(MessageSquareReply, t('attach.button'), () => onForm('button'))}
          {entry(List, t('attach.list'), () => onForm('list'))}
          {entry(Link, t('attach.cta_url'), () => onForm('cta_url'))}
          {entry(MapPinned, t('attach.location_request_message'), () => onForm('location_request_message'))}
          {onTemplate && entry(ReceiptText, t('attach.template'), onTemplate)}
        </MenuContent>
      </Menu>
    </>
  )
}
