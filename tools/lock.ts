// Writes package-lock.json afresh from package.json, complete for every platform.
//
// npm leaves an optional platform package (say `@duckdb/node-bindings-darwin-arm64`) out of the lock
// when the registry at hand does not have it, or when node_modules lacks it, and `npm ci` then refuses
// the lock everywhere. Such packages are pinned to one version by their parent, so they are added here
// with that version; a machine of their platform fetches them, all others skip them.

import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type LockEntry = {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string | string[]
  cpu?: string | string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}
type Lock = { packages: Record<string, LockEntry> }

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'wasi']
const processors = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

/** Adds the missing platform packages; returns their names. Throws when a name tells no platform. */
export function completeLock(lock: Lock): string[] {
  const added: string[] = []
  for (const parent of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`
      if (lock.packages[path] !== undefined || !/^\d+\.\d+\.\d+/.test(version)) continue
      lock.packages[path] = { version, ...(parent.dev ? { dev: true } : {}), ...platformOf(name) }
      added.push(name)
    }
  }
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
  )
  return added
}

function platformOf(name: string): LockEntry {
  const words = name.split(/[/-]/)
  const os = systems.find((system) => words.includes(system))
  const cpu = processors.find((processor) => words.includes(processor))
  if (os === undefined || cpu === undefined) throw new Error(`no platform in the name "${name}"`)
  const libc = words.some((word) => word.startsWith('musl')) ? ['musl'] : undefined
  return {
    cpu: [cpu],
    ...(libc && os === 'linux' ? { libc } : {}),
    optional: true,
    ...(os === 'wasi' ? {} : { os: [os] }),
  }
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-lock-'))
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
      if (existsSync(file)) copyFileSync(file, join(folder, file))
    }
    execFileSync('npm', ['install', '--package-lock-only', '--ignore-scripts'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as Lock
    const added = completeLock(lock)
    writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
    console.log(`package-lock.json: ${added.length} platform packages completed`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) main()
