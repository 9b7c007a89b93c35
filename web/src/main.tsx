import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App, Starting } from './app/app'
import { startI18n } from './app/i18n'
import { startTheme } from './app/theme'
import './app/theme.css'
import { createAuth } from './lib/auth'
import { loadConfig, type Config } from './lib/config'

startTheme()
const strings = startI18n()
const root = createRoot(document.querySelector('#root') as HTMLElement)

async function start(): Promise<void> {
  const [config] = await Promise.all([configWhenever(), strings])
  const auth = createAuth(config)
  root.render(
    <StrictMode>
      <App auth={auth} config={config} />
    </StrictMode>,
  )
}

/** The server may be starting as well: asked until it answers. */
async function configWhenever(): Promise<Config> {
  for (let failures = 0; ; ++failures) {
    try {
      return await loadConfig()
    } catch {
      if (failures === 0) void strings.then(() => root.render(<Starting failed />))
      await new Promise((resolve) => setTimeout(resolve, Math.min(10_000, 1_000 * 2 ** failures)))
    }
  }
}

void start()
