// npm test: every *.test.ts of the repository, one process a file, as many at once as there are cores.
//
//   npm test                                  all
//   npm test -- src/lake tide                 files whose path contains one of the words
//   npm test -- --test-name-pattern=publish   options of `node --test`

import { spawn } from 'node:child_process'
import { globSync, mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const words = args.filter((arg) => !arg.startsWith('-'))

const files = ['src', 'packs', 'test', 'tools']
  .flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: root }))
  .filter((path) => !path.includes('node_modules'))
  .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
  .sort()

if (files.length === 0) {
  console.error(`no test file matches ${words.join(', ') || 'src, packs, test, tools'}`)
  process.exitCode = 1
} else {
  const build = join(root, 'build')
  mkdirSync(build, { recursive: true })
  const child = spawn(
    process.execPath,
    [
      '--test',
      `--test-concurrency=${availableParallelism()}`,
      '--test-timeout=900000',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${join(build, 'tests.tap')}`,
      ...options,
      ...files,
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: { NODE_COMPILE_CACHE: join(build, 'compiled'), ...process.env },
    },
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
}
