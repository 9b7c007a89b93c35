import { lazy } from 'react'
import { LoadedLater, Spinner } from '../ui'
import { needStrings } from './i18n'
import type { Page } from './router'

/** A part of the page with strings of its own, loaded when it is first shown. */
function later<T>(load: () => Promise<T>, namespace: string): () => Promise<T> {
  return async () => {
    const [part] = await Promise.all([load(), needStrings(namespace)])
    return part
  }
}

const SettingsPage = lazy(later(() => import('../features/settings/settings-page'), 'settings'))
const ConnectionPage = lazy(later(() => import('../features/connection/connection-page'), 'connection'))
const ContactPage = lazy(later(() => import('../features/contacts/contact-page'), 'contacts'))

export function Pages({ page }: { page: Page }) {
  return (
    <LoadedLater
      fallback={
        <div className="late absolute inset-0 z-20 grid place-items-center bg-bg">
          <Spinner />
        </div>
      }
    >
      {page.name === 'settings' ? (
        <SettingsPage tab={page.tab} />
      ) : page.name === 'contact' ? (
        <ContactPage key={page.id} id={page.id} />
      ) : (
        <ConnectionPage page={page} />
      )}
    </LoadedLater>
  )
}
