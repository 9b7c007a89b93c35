/** What the server tells the page about itself (`GET /config.json`). An empty `auth_url` means this origin. */
export interface Config {
  auth_url: string
  auth_key: string
  version: string
  simulator_url: string | null
}

export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-store' })
  if (!response.ok) throw new Error(`config.json: ${response.status}`)
  return (await response.json()) as Config
}
