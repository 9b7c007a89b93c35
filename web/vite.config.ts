import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env.PARLEY_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { 'react-remove-scroll': fileURLToPath(new URL('src/ui/no-scroll-lock.tsx', import.meta.url)) } },
  // The page is served under `script-src 'self'; style-src 'self'`: nothing may be inlined into the HTML.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022', chunkSizeWarningLimit: 900 },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: server, ws: true, changeOrigin: true, rewriteWsOrigin: true },
      '/auth': { target: server },
      '/config.json': { target: server },
    },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['./tests/setup.ts'],
    restoreMocks: true,
  },
})
