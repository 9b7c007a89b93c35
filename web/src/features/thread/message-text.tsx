import { memo, useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { countEmojiOnly, kEmojiFont } from './emoji'
import { cutPoint, parseMarkup, type Block, type Inline } from './markup'

const kLongest = 1500

/** A message's text with WhatsApp's markup. `children` (time and ticks) stand at the end of its last line. */
export const MessageText = memo(function MessageText({ text, children }: { text: string; children?: ReactNode }) {
  const { t } = useTranslation('thread')
  const [whole, setWhole] = useState(false)
  const cut = whole ? text.length : cutPoint(text, kLongest)
  const shown = text.slice(0, cut)
  const blocks = useMemo(() => parseMarkup(shown), [shown])
  const emoji = countEmojiOnly(text)
  if (emoji > 0) {
    return (
      <div className="flex items-end justify-between gap-1">
        <span className={`${kEmojiFont} leading-tight ${emoji === 1 ? 'text-5xl' : 'text-4xl'}`}>{text.trim()}</span>
        {children}
      </div>
    )
  }
  const isCut = cut < text.length
  return (
    <div className="flow-root space-y-1 wrap-anywhere">
      {blocks.map((block, index) => (
        <BlockView key={index} block={block}>
          {index === blocks.length - 1 && !isCut && block.kind === 'text' ? children : null}
        </BlockView>
      ))}
      {isCut && (
        <button
          type="button"
          className="min-h-6 font-medium text-accent underline-offset-2 hover:underline"
          onClick={() => setWhole(true)}
        >
          {t('read_more')}
        </button>
      )}
      {isCut || blocks.at(-1)?.kind !== 'text' ? children : null}
    </div>
  )
})

// Every line is a paragraph of its own to the bidirectional algorithm: each has its own direction, and override
// characters end with their line.
const kText = 'whitespace-pre-wrap [unicode-bidi:plaintext]'

function BlockView({ block, children }: { block: Block; children?: ReactNode }) {
  switch (block.kind) {
    case 'pre':
      return (
        <pre dir="auto" className="rounded-md bg-current/8 px-2 py-1.5 font-mono text-[0.8125rem] whitespace-pre-wrap">
          {block.text}
        </pre>
      )
    case 'quote':
      return (
        <blockquote className={`${kText} border-s-3 border-current/30 ps-2.5 opacity-85`}>
          <Lines lines={block.lines} />
        </blockquote>
      )
    case 'bullets':
      return (
        <ul dir="auto" className="list-disc ps-5">
          {block.lines.map((line, index) => (
            <li key={index} className="whitespace-pre-wrap">
              <InlineView nodes={line} />
            </li>
          ))}
        </ul>
      )
    case 'numbers':
      return (
        <ol dir="auto" start={block.first} className="list-decimal ps-6">
          {block.lines.map((line, index) => (
            <li key={index} className="whitespace-pre-wrap">
              <InlineView nodes={line} />
            </li>
          ))}
        </ol>
      )
    default:
      return (
        <div className={kText}>
          <Lines lines={block.lines} />
          {children}
        </div>
      )
  }
}

function Lines({ lines }: { lines: Inline[][] }) {
  return lines.map((line, index) => (
    <span key={index}>
      {index > 0 && '\n'}
      <InlineView nodes={line} />
    </span>
  ))
}

function InlineView({ nodes }: { nodes: Inline[] }): ReactNode {
  return nodes.map((node, index) => {
    switch (node.kind) {
      case 'text':
        return node.text
      case 'bold':
        return (
          <strong key={index} className="font-semibold">
            <InlineView nodes={node.children} />
          </strong>
        )
      case 'italic':
        return (
          <em key={index}>
            <InlineView nodes={node.children} />
          </em>
        )
      case 'strike':
        return (
          <s key={index}>
            <InlineView nodes={node.children} />
          </s>
        )
      case 'code':
        return (
          <code key={index} className="rounded bg-current/8 px-1 font-mono text-[0.875em]">
            {node.text}
          </code>
        )
      case 'link':
        return (
          <a
            key={index}
            href={node.href}
            title={node.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="text-accent underline decoration-current/40 underline-offset-2 hover:decoration-current"
          >
            <bdi>{node.text}</bdi>
          </a>
        )
    }
  })
}
