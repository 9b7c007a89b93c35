import { Trans, useTranslation } from 'react-i18next'
import { Logo } from '../ui/logo'

export function NothingOpen() {
  const { t } = useTranslation()
  return (
    <div className="m-auto flex flex-col items-center px-8 pb-12 text-center">
      <Logo className="size-16 opacity-90" />
      <p className="mt-5 text-lg font-semibold">{t('nothing_open.title')}</p>
      <p className="mt-1 max-w-80 text-muted">{t('nothing_open.text')}</p>
      <p className="mt-6 text-[0.8125rem] text-muted pointer-coarse:hidden">
        <Trans
          i18nKey="nothing_open.keys"
          components={{
            key: <kbd className="rounded-md border border-border bg-surface px-1.5 py-0.5 font-sans text-xs font-medium" />,
          }}
        />
      </p>
    </div>
  )
}
