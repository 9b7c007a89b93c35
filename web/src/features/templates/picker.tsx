import { useQuery } from '@tanstack/react-query'
import { ArrowLeft, X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../../lib/problem'
import { templatesQuery, type Template } from '../../lib/templates'
import { Button, cx, IconButton, Spinner } from '../../ui'
import { TemplateForm } from './form'
import { NoTemplates, SyncLine } from './sync'
import { TemplateList } from './template-list'
import type { TemplatePickerProps } from '.'

/** Choosing a template, filling it in and sending it: side by side, one after the other on phones. */
export default function Picker({ conversationId, phoneNumberId, to, onSent, onClose }: TemplatePickerProps) {
  const { t, i18n } = useTranslation('templates')
  const query = useQuery(templatesQuery(phoneNumberId))
  const [chosenId, setChosenId] = useState<string | null>(null)
  const templates = query.data?.templates ?? []
  const chosen = templates.find(({ id }) => id === chosenId)
  const recipient = conversationId === undefined ? { phoneNumberId, to: to ?? '' } : { conversationId }
  return (
    <Radix.Root open onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Radix.Content
          aria-describedby={undefined}
          dir={i18n.dir()}
          tabIndex={-1}
          onOpenAutoFocus={(event) => {
            // The first button closes: nothing that should be told about at once.
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          className="fixed inset-0 z-40 m-auto flex flex-col overflow-hidden bg-surface shadow-pop outline-none sm:inset-6 sm:max-h-[46rem] sm:max-w-6xl sm:rounded-2xl"
        >
          <header className="flex h-14 shrink-0 items-center gap-2 border-b border-border ps-4 pe-2">
            {chosen && (
              <IconButton label={t('back')} className="-ms-2 md:hidden" onClick={() => setChosenId(null)}>
                <ArrowLeft aria-hidden className="size-5 rtl:-scale-x-100" />
              </IconButton>
            )}
            <Radix.Title className="min-w-0 flex-1 truncate text-base font-semibold">
              {chosen ? (
                <>
                  <span className="md:hidden">
                    <bdi>{chosen.name}</bdi>
                  </span>
                  <span className="max-md:hidden">{t('title')}</span>
                </>
              ) : (
                t('title')
              )}
            </Radix.Title>
            <IconButton label={t('close')} onClick={onClose}>
              <X aria-hidden className="size-5" />
            </IconButton>
          </header>
          {query.isPending ? (
            <div className="grid flex-1 place-items-center">
              <Spinner label={t('loading')} />
            </div>
          ) : query.error && !query.data ? (
            <div role="alert" className="m-auto flex max-w-sm flex-col items-center gap-3 p-6 text-center">
              <p>{problemOf(query.error).status === 0 ? t('unreachable') : problemOf(query.error).detail}</p>
              <Button onClick={() => void query.refetch()}>{t('try_again')}</Button>
            </div>
          ) : templates.length === 0 ? (
            <NoTemplates list={query.data} />
          ) : (
            <div className="flex min-h-0 flex-1">
              <div className={cx('min-h-0 w-full flex-col border-border md:flex md:w-80 md:shrink-0 md:border-e', chosen ? 'hidden' : 'flex')}>
                <TemplateList templates={templates} chosenId={chosenId} onChoose={({ id }: Template) => setChosenId(id)} />
                <SyncLine list={query.data} />
              </div>
              <div className={cx('min-h-0 min-w-0 flex-1 flex-col md:flex', chosen ? 'flex' : 'hidden')}>
                {chosen ? (
                  <TemplateForm key={chosen.id} template={chosen} recipient={recipient} onSent={onSent} />
                ) : (
                  <p className="m-auto max-w-64 p-6 text-center text-muted">{t('choose')}</p>
                )}
              </div>
            </div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
