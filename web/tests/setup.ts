import '@testing-library/jest-dom/vitest'
import { cleanup } from '@testing-library/react'
import i18n from 'i18next'
import { initReactI18next } from 'react-i18next'
import { afterEach, beforeEach } from 'vitest'
import common from '../src/locales/en/common.json'
import connection from '../src/locales/en/connection.json'
import contacts from '../src/locales/en/contacts.json'
import list from '../src/locales/en/list.json'
import settings from '../src/locales/en/settings.json'
import templates from '../src/locales/en/templates.json'
import thread from '../src/locales/en/thread.json'

await i18n.use(initReactI18next).init({
  lng: 'en',
  resources: { en: { common, list, thread, templates, settings, connection, contacts } },
  defaultNS: 'common',
  interpolation: { escapeValue: false },
  showSupportNotice: false,
})

window.matchMedia ??= (query) =>
  ({ matches: false, media: query, addEventListener: () => {}, removeEventListener: () => {} }) as unknown as MediaQueryList

beforeEach(() => localStorage.clear())
afterEach(cleanup)

// Missing in jsdom; nothing is ever resized there.
window.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
}
