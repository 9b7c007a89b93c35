import i18n from 'i18next'
import { initReactI18next } from 'react-i18next'
import { createSavedStore } from '../lib/store'

/** The languages there are, each by its own name. */
export const languages = { en: 'English', es: 'Español', pt: 'Português', hi: 'हिन्दी', ar: 'العربية' } as const
export type Language = keyof typeof languages

const namespaces = ['common', 'list', 'thread']
/** Those of parts that are loaded later come with them. */
const wanted = new Set(namespaces)
const files = import.meta.glob<{ default: Record<string, unknown> }>('../locales/*/*.json')

function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && value in languages
}

function preferred(): Language {
  const codes = navigator.languages.map((tag) => tag.split('-')[0])
  return codes.find(isLanguage) ?? 'en'
}

export const language = createSavedStore<Language>('parley.language', preferred(), isLanguage)

async function load(code: string): Promise<void> {
  await Promise.all(
    [...wanted].map(async (namespace) => {
      const file = files[`../locales/${code}/${namespace}.json`]
      if (!file || i18n.hasResourceBundle(code, namespace)) return
      i18n.addResourceBundle(code, namespace, (await file()).default)
    }),
  )
}

/** To be awaited before anything is shown; later changes of `language` are followed. */
export async function startI18n(): Promise<void> {
  await i18n.use(initReactI18next).init({
    lng: language.get(),
    // Every language has every string (tests/locales.test.ts), so none has to be loaded beside another.
    fallbackLng: false,
    ns: namespaces,
    defaultNS: 'common',
    resources: {},
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    showSupportNotice: false,
  })
  await follow()
  language.subscribe(() => void follow())
}

/** To be awaited before a part is shown that has strings of its own. */
export async function needStrings(namespace: string): Promise<void> {
  wanted.add(namespace)
  await load(i18n.language)
}

async function follow(): Promise<void> {
  const code = language.get()
  await load(code)
  if (language.get() !== code) return
  await i18n.changeLanguage(code)
  document.documentElement.lang = code
  document.documentElement.dir = i18n.dir(code)
}

/** For Intl: the person's own region where the language is theirs anyway (en-GB, es-MX). */
export function formatLocale(code: string): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === code) ?? code
}
