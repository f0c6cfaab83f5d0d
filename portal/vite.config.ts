import { fileURLToPath } from 'node:url'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const path = (from: string) => fileURLToPath(new URL(from, import.meta.url))

export default defineConfig({
  root: path('.'),
  // Addresses are relative to <base>, which the server fills in: the portal works under any path.
  base: './',
  plugins: [react(), tailwind()],
  resolve: {
    alias: { '#charts': path('../src/charts'), '#sdk': path('../sdk/src'), '~': path('src') },
  },
  build: {
    outDir: path('../build/portal'),
    emptyOutDir: true,
    target: 'es2022',
    // Of what is bundled, beside the bundle.
    license: { fileName: 'licenses.md' },
    // A picture as data: would be refused by nobody, but is fetched again with each new script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
    reportCompressedSize: false,
  },
  // `npm run dev:portal` beside a server of one's own.
  server: { proxy: { '/v1': 'http://127.0.0.1:7420', '/docs': 'http://127.0.0.1:7420' } },
  test: { include: ['src/**/*.spec.{ts,tsx}'], environment: 'node' },
})
