import { Copy, ExternalLink, FileText, ImageIcon, List, MapPin, Phone, Reply, Video, type LucideIcon } from 'lucide-react'
import { useMemo, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { parseMarkup, type Block, type Inline } from '../thread/markup'
import { addressOf, cutAtOpen, filled, placeOf, valueOf, type Values } from './choice'
import type { ButtonKind, Definition, TemplateButton } from './definition'

interface Props {
  definition: Definition
  values: Values
  /** The chosen header file: what the browser shows of it. */
  file: { name: string; url: string | null } | null
}

/** The message as the customer will see it; what is not filled in yet stands out. */
export function Preview({ definition, values, file }: Props) {
  const { t } = useTranslation('templates')
  const { header, body, footer, buttons } = definition
  return (
    <section aria-label={t('preview')} className="rounded-2xl bg-bg p-4 sm:p-5">
      <div className="ms-auto w-full max-w-80 overflow-hidden rounded-2xl rounded-te-md bg-bubble-out text-[0.9375rem] text-bubble-out-text shadow-xs">
        {header && header.format !== 'TEXT' && <HeaderPart definition={definition} values={values} file={file} />}
        <div className="px-3 pt-2 pb-2.5">
          {header?.format === 'TEXT' && (
            <p dir="auto" className="mb-1 font-semibold wrap-anywhere">
              <Filled words={header.text} value={() => valueOf(values, 'header.text')} plain />
            </p>
          )}
          <Filled words={body} value={(name) => valueOf(values, `body.${name}`)} />
          {footer && (
            <p dir="auto" className="mt-1 text-xs wrap-anywhere opacity-75">
              {footer}
            </p>
          )}
        </div>
        {buttons.length > 0 && (
          <ul aria-label={t('buttons')} className="border-t border-current/12">
            {buttons.map((button) => (
              <ButtonPart key={button.index} button={button} values={values} />
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}

function HeaderPart({ definition: { header }, values, file }: Props) {
  const { t } = useTranslation('templates')
  if (header?.format === 'LOCATION') {
    const place = placeOf(values)
    const words = place?.name || (place ? `${place.latitude}, ${place.longitude}` : '')
    return (
      <Frame icon={MapPin}>
        {words ? <bdi>{words}</bdi> : <Open name={t('header.LOCATION')} />}
        {place?.address && <bdi className="block text-xs opacity-75">{place.address}</bdi>}
      </Frame>
    )
  }
  if (header?.format === 'IMAGE' && file?.url) return <img src={file.url} alt={file.name} className="max-h-56 w-full object-cover" />
  if (header?.format === 'VIDEO' && file?.url) return <video src={file.url} controls aria-label={file.name} className="max-h-56 w-full bg-black" />
  const icons: Record<string, LucideIcon> = { IMAGE: ImageIcon, VIDEO: Video, DOCUMENT: FileText }
  const format = header?.format ?? 'OTHER'
  return <Frame icon={icons[format] ?? FileText}>{file ? <bdi>{file.name}</bdi> : <Open name={t(`header.${format}`)} />}</Frame>
}

function Frame({ icon: Icon, children }: { icon: LucideIcon; children: ReactNode }) {
  return (
    <div className="m-1 flex min-h-24 flex-col items-center justify-center gap-2 rounded-xl bg-current/8 p-3 text-center text-sm wrap-anywhere">
      <Icon aria-hidden className="size-7 opacity-70" />
      <span>{children}</span>
    </div>
  )
}

const kIcons: Record<ButtonKind, LucideIcon> = { reply: Reply, link: ExternalLink, phone: Phone, code: Copy, one_time_code: Copy, flow: List, other: Reply }

function ButtonPart({ button, values }: { button: TemplateButton; values: Values }) {
  const { t } = useTranslation('templates')
  const Icon = kIcons[button.kind]
  const address = button.kind === 'link' ? addressOf(button, values) : null
  const code = button.needs === 'code' ? valueOf(values, `button.${button.index}`) : ''
  return (
    <li className="border-t border-current/12 px-3 py-2 text-center text-sm font-medium text-accent first:border-t-0">
      <span className="flex items-center justify-center gap-1.5">
        <Icon aria-hidden className="size-4 shrink-0 rtl:-scale-x-100" />
        <bdi className="wrap-anywhere">{button.text || t(`button.${button.kind}`)}</bdi>
      </span>
      <bdi dir="ltr" className="block text-xs font-normal wrap-anywhere empty:hidden">
        {button.kind === 'phone' ? button.phone : button.needs === 'code' ? code || <Open name={t('code')} /> : address}
        {button.kind === 'link' && address === null && <Filled words={button.url} value={() => ''} plain />}
      </bdi>
    </li>
  )
}

/** Text with its variables filled in; open ones are marked. */
export function Filled({ words, value, plain = false }: { words: string; value(name: string): string; plain?: boolean }) {
  const { text, open } = filled(words, value)
  const blocks = useMemo(() => (plain ? [] : parseMarkup(text)), [text, plain])
  if (plain) return <Pieces text={text} open={open} />
  return (
    <div className="space-y-1 wrap-anywhere">
      {blocks.map((block, index) => (
        <BlockPart key={index} block={block} open={open} />
      ))}
    </div>
  )
}

function BlockPart({ block, open }: { block: Block; open: string[] }) {
  if (block.kind === 'pre') {
    return (
      <pre dir="auto" className="rounded-md bg-current/8 px-2 py-1.5 font-mono text-[0.8125rem] whitespace-pre-wrap">
        <Pieces text={block.text} open={open} />
      </pre>
    )
  }
  const marks = { text: '', quote: 'border-s-3 border-current/30 ps-2.5 opacity-85', bullets: 'ps-3', numbers: 'ps-3' }
  return (
    <div className={`whitespace-pre-wrap [unicode-bidi:plaintext] ${marks[block.kind]}`}>
      {block.lines.map((line, index) => (
        <span key={index}>
          {index > 0 && '\n'}
          {block.kind === 'bullets' && '• '}
          {block.kind === 'numbers' && `${block.first + index}. `}
          <InlinePart nodes={line} open={open} />
        </span>
      ))}
    </div>
  )
}

function InlinePart({ nodes, open }: { nodes: Inline[]; open: string[] }): ReactNode {
  return nodes.map((node, index) => {
    switch (node.kind) {
      case 'bold':
        return (
          <strong key={index} className="font-semibold">
            <InlinePart nodes={node.children} open={open} />
          </strong>
        )
      case 'italic':
        return (
          <em key={index}>
            <InlinePart nodes={node.children} open={open} />
          </em>
        )
      case 'strike':
        return (
          <s key={index}>
            <InlinePart nodes={node.children} open={open} />
          </s>
        )
      case 'code':
        return (
          <code key={index} className="rounded bg-current/8 px-1 font-mono text-[0.875em]">
            <Pieces text={node.text} open={open} />
          </code>
        )
      case 'link':
        // Nothing in a preview can be followed.
        return (
          <span key={index} className="text-accent underline">
            <Pieces text={node.text} open={open} />
          </span>
        )
      default:
        return <Pieces key={index} text={node.text} open={open} />
    }
  })
}

function Pieces({ text, open }: { text: string; open: string[] }) {
  return cutAtOpen(text, open).map((piece, index) => ('variable' in piece ? <Open key={index} name={`{{${piece.variable}}}`} /> : piece.words))
}

function Open({ name }: { name: string }) {
  return <mark className="rounded bg-warn-soft px-1 text-[0.875em] font-medium text-warn">{name}</mark>
}
