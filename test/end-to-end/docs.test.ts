import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, test } from 'node:test'

import { commandTable } from '#cli/command-table.ts'
import { operations } from '#operations/registry.gen.ts'
import { buildFolder } from '../support/open-parts.ts'
import { commandLineOn } from '../support/command-line.ts'

const root = join(import.meta.dirname, '..', '..')
const pages = [
  'README.md',
  ...globSync('docs/{*,guides/*}.md', { cwd: root }),
  'packs/events/README.md',
  'packs/traffic/README.md',
]
  .map((path) => path.replaceAll('\\', '/'))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

/** Commands in the shell blocks of a page, continued lines joined, comments dropped. */
function commandsOf(text: string): string[] {
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '')
}

/** Whatever is followed by a verb: not what has a command of its own. */
const commands = new Set(commandTable.map(({ name }) => name))
const resources = new Set(
  operations
    .map(({ name }) => name.split('.')[0] ?? '')
    .filter((resource) => !commands.has(resource)),
)

const operationNames = new Set(operations.map(({ name }) => name))

/** `run`; with its resource where it is one of many: `sources configure`, `quarantine fix`. */
function verbOf(command: string): string {
  const [first = '', second = ''] = command.split(/\s+/)
  const isOperation = resources.has(first) || operationNames.has(`${first}.${second}`)
  return isOperation ? `${first} ${second}` : first
}

describe('what the pages name', () => {
  test('links and paths lead somewhere', () => {
    const broken: string[] = []
    let found = 0
    for (const { path, text } of pages) {
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(
        ([, to = '']) => normalize(join(dirname(path), to)),
      )
      const paths = [
        ...text.matchAll(/`((?:src|packs|test|docs|bench|tools|bin)\/[\w./-]*[\w/])`/g),
      ].map(([, to = '']) => to)
      for (const target of [...links, ...paths]) {
        found++
        if (!existsSync(join(root, target))) broken.push(`${path} names ${target}`)
      }
    }
    assert.ok(found > 20, `only ${found} links and paths were found`)
    assert.deepEqual(broken, [])
  })

  test('npm scripts exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const named = pages.flatMap(({ text }) =>
      [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name),
    )
    assert.ok(named.length > 0)
    assert.deepEqual(
      named.filter((name) => scripts[name] === undefined),
      [],
    )
  })

  test('millrace commands have the options that the pages give them', async (t) => {
    const millrace = commandLineOn(await buildFolder(t))
    const used = new Map<string, Set<string>>()
    for (const { path, text } of pages) {
      const inProse = [...text.matchAll(/`(?:npx )?millrace ([^`]+)`/g)].map(
        ([, rest = '']) => rest,
      )
      const inBlocks = commandsOf(text).flatMap(
        (line) => /^(?:npx )?millrace (.+)$/.exec(line)?.slice(1) ?? [],
      )
      for (const command of [...inProse, ...inBlocks]) {
        const called = verbOf(command)
        const options = [...command.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option)
        const known = used.get(called) ?? new Set()
        used.set(called, known)
        for (const option of options) known.add(`${option} (${path})`)
      }
    }
    assert.ok(used.size >= 8, `only ${[...used.keys()].join()} were found`)
    const unknown: string[] = []
    for (const [called, options] of used) {
      const { code, out } = await millrace.run(`${called} --help`)
      if (code !== 0) unknown.push(`millrace ${called}`)
      for (const entry of options) {
        const [option = ''] = entry.split(' ')
        const isThere = option === '--help' || out.includes(`${option} `)
        if (!isThere) unknown.push(`millrace ${called} ${entry}`)
      }
    }
    assert.deepEqual(unknown, [])
  })
})
