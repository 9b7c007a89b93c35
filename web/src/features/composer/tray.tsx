import { ArrowLeft, ArrowRight, FileText, LoaderCircle, Music, Video, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileSize, plainFileName } from '../../lib/file-name'
import { Player } from '../thread/media/sound'
import { useLocale } from '../thread/use-locale'
import { kLimits, kLongestCaption, takesCaption } from './limits'
import type { Tray, TrayItem } from './tray-items'

/** The files that will be sent, above the text. */
export function TrayView({ tray, items }: { tray: Tray; items: readonly TrayItem[] }) {
  const { t } = useTranslation('thread')
  return (
    <ul aria-label={t('tray.label')} className="flex max-h-[45dvh] flex-wrap gap-2 overflow-y-auto px-2 pt-2 sm:px-4">
      {items.map((item, index) => (
        <Item key={item.key} item={item} tray={tray} isFirst={index === 0} isLast={index === items.length - 1} />
      ))}
    </ul>
  )
}

const kTool = 'grid size-7 place-items-center rounded-md text-muted hover:bg-surface-3 hover:text-text disabled:opacity-40'

function Item({ item, tray, isFirst, isLast }: { item: TrayItem; tray: Tray; isFirst: boolean; isLast: boolean }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const { key, file, kind, state } = item
  const name = item.voice ? t('type.voice') : plainFileName(file.name) || t(`type.${kind}`)
  return (
    <li
      className={`flex w-64 max-w-full flex-col gap-1.5 rounded-xl border bg-surface-2 p-2 ${state === 'refused' ? 'border-danger' : 'border-border'}`}
    >
      <div className="flex items-start gap-2">
        <Preview item={item} />
        <div className="min-w-0 flex-1 text-xs leading-snug">
          <p className="line-clamp-2 text-sm font-medium wrap-anywhere">
            <bdi>{name}</bdi>
          </p>
          <p className="text-muted">{state === 'preparing' ? t('tray.preparing') : fileSize(file.size, locale)}</p>
          {item.change && <p className="text-muted">{t(`tray.${item.change}`)}</p>}
        </div>
        <button type="button" className={kTool} aria-label={t('tray.remove', { name })} title={t('action.remove')} onClick={() => tray.remove(key)}>
          <X aria-hidden className="size-4" />
        </button>
      </div>
      {kind === 'audio' && state === 'ready' && <Listen file={file} isVoice={item.voice} />}
      {state === 'refused' && <Refused item={item} tray={tray} />}
      {!(isFirst && isLast) && (
        <div className="flex items-center gap-1">
          {!isFirst && takesCaption(kind) && state !== 'refused' ? (
            <input
              value={item.caption}
              maxLength={kLongestCaption}
              dir="auto"
              aria-label={t('tray.caption_of', { name })}
              placeholder={t('tray.caption')}
              onChange={(event) => tray.caption(key, event.target.value)}
              className="h-8 min-w-0 flex-1 rounded-md border border-border-strong bg-surface px-2 text-base sm:text-xs"
            />
          ) : (
            <span className="min-w-0 flex-1" />
          )}
          <button type="button" className={kTool} disabled={isFirst} aria-label={t('tray.earlier', { name })} title={t('tray.move_earlier')} onClick={() => tray.move(key, -1)}>
            <ArrowLeft aria-hidden className="size-4 rtl:-scale-x-100" />
          </button>
          <button type="button" className={kTool} disabled={isLast} aria-label={t('tray.later', { name })} title={t('tray.move_later')} onClick={() => tray.move(key, 1)}>
            <ArrowRight aria-hidden className="size-4 rtl:-scale-x-100" />
          </button>
        </div>
      )}
    </li>
  )
}

function Refused({ item, tray }: { item: TrayItem; tray: Tray }) {
  const { t } = useTranslation('thread')
  const locale = useLocale()
  const limit = fileSize(kLimits[item.kind], locale)
  return (
    <div role="alert" className="text-xs text-danger">
      <p>{t(`tray.problem.${item.problem === 'too_large' ? `too_large_${item.kind}` : (item.problem ?? 'type')}`, { limit, size: fileSize(item.file.size, locale) })}</p>
      {item.asDocument && (
        <button type="button" className="mt-1 min-h-7 rounded-md border border-border bg-surface px-2 font-medium text-text hover:bg-surface-3" onClick={() => tray.sendAsDocument(item.key)}>
          {t('tray.as_document')}
        </button>
      )}
    </div>
  )
}

function Preview({ item }: { item: TrayItem }) {
  const url = useObjectUrl(item.kind === 'image' && item.state === 'ready' ? item.file : null)
  const Icon = item.state === 'preparing' ? LoaderCircle : item.kind === 'video' ? Video : item.kind === 'audio' ? Music : FileText
  return (
    <span className="grid size-12 shrink-0 place-items-center overflow-hidden rounded-lg bg-surface-3 text-muted">
      {url ? (
        <img src={url} alt="" className="size-full object-cover" />
      ) : (
        <Icon aria-hidden className={`size-5 ${item.state === 'preparing' ? 'animate-spin motion-reduce:animate-none' : ''}`} />
      )}
    </span>
  )
}

function Listen({ file, isVoice }: { file: File; isVoice: boolean }) {
  const { t } = useTranslation('thread')
  const url = useObjectUrl(file)
  return <Player url={url} label={isVoice ? t('type.voice') : t('type.audio')} isVoice={isVoice} />
}

function useObjectUrl(file: File | null): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    if (!file) return
    const made = URL.createObjectURL(file)
    setUrl(made)
    return () => {
      setUrl(null)
      URL.revokeObjectURL(made)
    }
  }, [file])
  return url
}
