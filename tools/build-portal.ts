// npm run build:portal: the portal as a browser loads it, into build/portal. With --if-changed only when
// what it is made of has changed since.

import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const root = dirname(import.meta.dirname)
const target = join(root, 'build', 'portal')
const stamp = join(root, 'build', 'portal.stamp')
/** Below this size a compressed copy saves nothing. */
const LEAST_BYTES = 1_000

function fingerprint(): string {
  const hash = createHash('sha256')
  const files = [
    ...globSync('portal/**/*', { cwd: root }),
    ...globSync('sdk/src/*.ts', { cwd: root }),
    ...globSync('src/charts/*.ts', { cwd: root }),
    'package-lock.json',
    'tools/build-portal.ts',
  ].sort()
  for (const file of files) {
    const path = join(root, file)
    if (statSync(path).isDirectory() || file.includes('.spec.')) continue
    hash.update(file).update(readFileSync(path))
  }
  return hash.digest('hex')
}

/** Smaller copies beside each file, made once instead of for each reader. */
function compress(): void {
  for (const file of globSync('**/*.{js,css,html,svg,md}', { cwd: target })) {
    const path = join(target, file)
    const bytes = readFileSync(path)
    if (bytes.length < LEAST_BYTES) continue
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
  }
}

async function build(): Promise<void> {
  const now = fingerprint()
  const isBuilt =
    existsSync(stamp) && existsSync(target) && readFileSync(stamp, 'utf8').trim() === now
  if (process.argv.includes('--if-changed') && isBuilt) return
  const vite = await import('vite').catch(() => null)
  if (vite === null) {
    // Installed without what the project is developed with: the server says what is missing.
    console.error('build:portal: vite is not installed; the portal is not built')
    return
  }
  await vite.build({ configFile: join(root, 'portal', 'vite.config.ts'), logLevel: 'warn' })
  compress()
  writeFileSync(stamp, `${now}\n`)
}

await build()
