// npm test: every *.test.ts of the repository, one process a file, as many at once as there are cores.
//
//   npm test                                  all
//   npm test -- src/lake tide                 files whose path contains one of the words
//   npm test -- --test-name-pattern=publish   options of `node --test`
//
// Each file writes into files of its own under build/tests: a process that it leaves behind can hold no pipe open, and
// is killed with its group. A file that does not end counts as failed. build/tests.txt has the counts.

import { spawn } from 'node:child_process'
import {
  globSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

interface Outcome {
  path: string
  seconds: number
  passed: number
  failed: number
  skipped: number
  /** What the file printed, for people. */
  output: string
}

/** How long one file may take, in milliseconds; the slowest needs a fifth of it on two cores. */
const FILE_MS = 15 * 60_000
/** Up to so many files are shown test by test. */
const SHOWN_WHOLE = 12

const root = dirname(import.meta.dirname)
const args = process.argv.slice(2)
const options = args.filter((arg) => arg.startsWith('-'))
const words = args.filter((arg) => !arg.startsWith('-'))
const build = join(root, 'build')
const logs = join(build, 'tests')
const running = new Set<number>()

// The folders with the longest files come first, so that none of them is left alone at the end.
const files = ['test', 'src', 'packs', 'tools', 'sdk']
  .flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { cwd: root }).sort())
  .filter((path) => !path.includes('node_modules'))
  .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nothing of the group is left.
  }
}

async function runFile(path: string): Promise<Outcome> {
  const begin = performance.now()
  const base = join(logs, path.replaceAll('/', '-'))
  const descriptor = openSync(`${base}.txt`, 'w')
  const reporters = ['spec', 'tap'].flatMap((name) => [
    `--test-reporter=${name}`,
    `--test-reporter-destination=${name === 'spec' ? 'stdout' : `${base}.tap`}`,
  ])
  const child = spawn(process.execPath, [...reporters, ...options, path], {
    cwd: root,
    detached: true,
    stdio: ['ignore', descriptor, descriptor],
    env: { NODE_COMPILE_CACHE: join(build, 'compiled'), ...process.env },
  })
  closeSync(descriptor)
  const pid = child.pid ?? 0
  running.add(pid)
  let late = false
  const timer = setTimeout(() => {
    late = true
    killGroup(pid)
  }, FILE_MS)
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', resolve)
  })
  clearTimeout(timer)
  killGroup(pid)
  running.delete(pid)
  return {
    ...outcome(path, base, code, late),
    seconds: (performance.now() - begin) / 1000,
  }
}

function outcome(path: string, base: string, code: number | null, late: boolean) {
  const output = readFileSync(`${base}.txt`, 'utf8')
  let tap = ''
  try {
    tap = readFileSync(`${base}.tap`, 'utf8')
  } catch {
    // It ended before it wrote any.
  }
  const count = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0)
  const failed = count('fail') + count('cancelled')
  const note = late
    ? `\nkilled: it did not end within ${FILE_MS / 60_000} minutes\n`
    : code !== 0 && failed === 0
      ? `\nended with ${code}\n`
      : ''
  return {
    path,
    passed: count('pass'),
    failed: note === '' ? failed : Math.max(failed, 1),
    skipped: count('skipped'),
    output: output + note,
  }
}

function print(outcome: Outcome, done: number): void {
  const { path, passed, failed, skipped, seconds } = outcome
  const counts = [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} FAILED`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ')
  const whole = failed > 0 || files.length <= SHOWN_WHOLE
  if (whole) console.log(outcome.output.trimEnd())
  console.log(
    `${failed > 0 ? 'FAIL' : 'ok  '} ${path} (${counts}, ${seconds.toFixed(1)} s) ${done}/${files.length}`,
  )
}

async function runAll(): Promise<void> {
  rmSync(logs, { recursive: true, force: true })
  mkdirSync(logs, { recursive: true })
  const begin = performance.now()
  const waiting = [...files]
  const ended: Outcome[] = []
  const lane = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const outcome = await runFile(path)
      ended.push(outcome)
      print(outcome, ended.length)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))

  const sum = (pick: (each: Outcome) => number) => ended.reduce((all, each) => all + pick(each), 0)
  const failed = ended.filter((each) => each.failed > 0)
  const slowest = ended.toSorted((a, b) => b.seconds - a.seconds).slice(0, 10)
  if (files.length > SHOWN_WHOLE) {
    console.log(
      `\nslowest: ${slowest.map((each) => `${each.path} ${each.seconds.toFixed(0)} s`).join(', ')}`,
    )
  }
  for (const each of failed) console.log(`failed: ${each.path}`)
  const counts = `${sum((each) => each.passed)} passed, ${sum((each) => each.failed)} failed, ${sum((each) => each.skipped)} skipped`
  writeFileSync(join(build, 'tests.txt'), `${counts}\n`)
  console.log(`${counts} in ${((performance.now() - begin) / 1000).toFixed(0)} s`)
  if (failed.length > 0) process.exitCode = 1
}

if (files.length === 0) {
  console.error(`no test file matches ${words.join(', ') || 'test, src, packs, tools, sdk'}`)
  process.exitCode = 1
} else {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      for (const pid of running) killGroup(pid)
      process.exit(130)
    })
  }
  await runAll()
}
