import { createSavedStore } from '../lib/store'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

function isTheme(value: unknown): value is Theme {
  return themes.some((theme) => theme === value)
}

export const theme = createSavedStore<Theme>('parley.theme', 'system', isTheme)

export function startTheme(): void {
  const apply = () => {
    const chosen = theme.get()
    if (chosen === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = chosen
  }
  apply()
  theme.subscribe(apply)
}
