import { Component, Suspense, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button'

/** Around a part of the page that is loaded when it is needed. One that cannot be loaded, as after an update of the
 *  server, takes nothing else down. */
export class LoadedLater extends Component<{ fallback?: ReactNode; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    return this.state.failed ? <Missing /> : <Suspense fallback={this.props.fallback}>{this.props.children}</Suspense>
  }
}

function Missing() {
  const { t } = useTranslation('thread')
  return (
    <div role="alert" className="flex items-center gap-3 bg-warn-soft p-3 text-sm text-text">
      <p className="flex-1">{t('part_missing')}</p>
      <Button size="small" onClick={() => location.reload()}>
        {t('action.reload')}
      </Button>
    </div>
  )
}
