import { useTranslation } from 'react-i18next'

/** For Intl: the person's own region where the language is theirs anyway (en-GB, es-MX). */
export function useLocale(): string {
  const { language } = useTranslation('thread').i18n
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language
}
