import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { findBreaches, readSources } from './tidy.ts'

const root = dirname(import.meta.dirname)

/** The breaches of one planted file, as text. */
function plant(path: string, text: string): string[] {
  return findBreaches([{ path, text }]).map((breach) => `${breach.line}: ${breach.text}`)
}

describe('the repository', () => {
  const files = readSources(root)

  test('is found, in every folder that holds code', () => {
    for (const folder of ['bin/', 'src/kernel/', 'portal/src/screens/', 'sdk/src/', 'bench/']) {
      assert.ok(
        files.some((file) => file.path.startsWith(folder)),
        `no file in ${folder}`,
      )
    }
  })

  test('keeps every rule', () => {
    const breaches = findBreaches(files).map(({ path, line, text }) => `${path}:${line}: ${text}`)
    assert.deepEqual(breaches, [])
  })
})

describe('a planted breach is found:', () => {
  const planted: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'an import upwards',
      'src/model/a.ts',
      `import { a } from '#catalog/b.ts'`,
      /model may not import catalog/,
    ],
    [
      'a type from above',
      'src/lake/a.ts',
      `import type { A } from '#factory/b.ts'`,
      /lake may not import factory/,
    ],
    [
      'a relative way out',
      'src/kernel/a.ts',
      `export { a } from '../model/b.ts'`,
      /kernel may not import model/,
    ],
    [
      'a late import',
      'src/egress/a.ts',
      `await import('#model/b.ts')`,
      /egress may not import model/,
    ],
    [
      'an import in a type',
      'src/auth/a.ts',
      `type A = import('#factory/b.ts').A`,
      /auth may not import factory/,
    ],
    [
      'a sideways import',
      'src/server/a.ts',
      `import '#serving/b.ts'`,
      /server may not import serving/,
    ],
    [
      'a package in kernel',
      'src/kernel/a.ts',
      `import fastify from 'fastify'`,
      /kernel imports node: only/,
    ],
    ['src importing itself by name', 'src/app/a.ts', `import 'millrace'`, /by name/],
    ['src importing the packs’ door', 'src/cli/a.ts', `import '#index.ts'`, /for packs/],
    ['src importing tests', 'src/cli/a.ts', `import '../../test/support/b.ts'`, /outside src/],
    [
      'a folder that is no layer',
      'src/misc/a.ts',
      `import '#kernel/b.ts'`,
      /no folder of the house/,
    ],
    [
      'a pack reaching into src',
      'packs/web/a.ts',
      `import '#kernel/ids.ts'`,
      /a pack imports only/,
    ],
    [
      'a pack importing a pack',
      'packs/web/a.ts',
      `import '../events/pack.ts'`,
      /a pack imports only/,
    ],
    ['a pack importing a library', 'packs/web/a.ts', `import 'zod'`, /a pack imports only/],
    ['the environment', 'src/server/a.ts', `const a = process.env.A`, /process\.env is read in/],
    ['the environment, in quotes', 'src/server/a.ts', `const a = process['env']`, /process\.env/],
    ['the environment, from afar', 'src/lake/a.ts', `globalThis.process.env.A`, /process\.env/],
    [
      'the environment, imported',
      'src/server/a.ts',
      `import { env } from 'node:process'`,
      /process\.env/,
    ],
    ['the clock', 'src/lake/a.ts', `const a = Date.now()`, /Date\.now/],
    ['a new date', 'packs/web/a.ts', `const a = new Date()`, /new Date\(\)/],
    ['chance', 'src/factory/a.ts', `const a = Math.random()`, /Math\.random/],
    ['a UUID', 'src/factory/a.ts', `import { randomUUID } from 'node:crypto'`, /randomUUID/],
    ['a way to the network', 'src/tasks/a.ts', `import { request } from 'node:https'`, /egress/],
    ['a late way to the network', 'src/lake/a.ts', `await import('node:net')`, /egress/],
    ['a package that connects', 'src/tasks/a.ts', `import pg from 'pg'`, /pg opens connections/],
    [
      'a package that nobody has looked at',
      'src/tasks/a.ts',
      `import { request } from 'undici'`,
      /undici: say in tools/,
    ],
    ['fetch', 'src/watch/a.ts', `await fetch('http://a.test')`, /egress/],
    ['fetch, from afar', 'packs/web/a.ts', `await globalThis.fetch('http://a.test')`, /egress/],
    [
      'the ground of the portal on a screen',
      'portal/src/ui/a.tsx',
      `import { A } from '~/screens/runs/a.tsx'`,
      /ui of the portal may not import screens\/runs/,
    ],
    [
      'the portal’s texts on what is drawn',
      'portal/src/texts/a.ts',
      `import type { A } from '~/ui/a.tsx'`,
      /texts of the portal may not import ui/,
    ],
    [
      'a screen on another screen',
      'portal/src/screens/task/a.tsx',
      `import { A } from '~/screens/run/a.tsx'`,
      /screens\/task of the portal may not import screens\/run/,
    ],
    [
      'a screen on another screen, the short way',
      'portal/src/screens/task/a.tsx',
      `import { A } from '../run/a.tsx'`,
      /screens\/task of the portal may not import screens\/run/,
    ],
    [
      'what screens share on what is above it',
      'portal/src/rows/a.ts',
      `import { A } from '~/plan/a.ts'`,
      /rows of the portal may not import plan/,
    ],
    [
      'a screen on the shell',
      'portal/src/screens/run/a.tsx',
      `import { A } from '~/app/a.ts'`,
      /may not import app/,
    ],
    [
      'a room of the portal that nobody has given a place',
      'portal/src/screens/run/a.tsx',
      `import { A } from '~/misc/a.ts'`,
      /misc is no room of the portal/,
    ],
    [
      'the portal on the server',
      'portal/src/api/a.ts',
      `import type { A } from '../../../src/model/a.ts'`,
      /not import from outside of itself/,
    ],
    ['a barrel', 'src/lake/index.ts', `export * from './a.ts'`, /export \*/],
    ['an empty name', 'src/lake/file-utils.ts', '', /"utils" says nothing/],
    ['camel case', 'src/lake/fileStore.ts', '', /kebab-case/],
    ['snake case where nothing is a dataset', 'packs/web/file_store.ts', '', /kebab-case/],
    ['a long file', 'src/lake/a.ts', 'a()\n'.repeat(351), /351 lines/],
  ]
  for (const [name, path, text, expected] of planted) {
    test(name, () => {
      const breaches = plant(path, text)
      assert.equal(breaches.length, 1, breaches.join('; '))
      assert.match(breaches[0] ?? '', expected)
    })
  }

  test('with its line', () => {
    assert.deepEqual(plant('src/lake/a.ts', `// one\n\nconst a = Date.now()\n`), [
      '3: Date.now: take a clock, random or ids from kernel',
    ])
  })
})

describe('a circle of imports is found', () => {
  const file = (path: string, text: string) => ({ path, text })

  test('in the portal, of types alone, with the shortest way round', () => {
    const breaches = findBreaches([
      file('portal/src/screens/run/chart.tsx', `import { A } from '~/screens/run/axis.tsx'`),
      file(
        'portal/src/screens/run/axis.tsx',
        `import '~/ui/b.tsx'\nimport type { C } from '~/screens/run/chart.tsx'`,
      ),
      file('portal/src/ui/b.tsx', `import { D } from '~/ui/d.tsx'`),
      file('portal/src/ui/d.tsx', ''),
    ])
    assert.deepEqual(breaches, [
      {
        path: 'portal/src/screens/run/chart.tsx',
        line: 1,
        text:
          'imports itself: portal/src/screens/run/axis.tsx → portal/src/screens/run/chart.tsx; ' +
          'give what they share a file of its own',
      },
    ])
  })

  const places = ['src/lake', 'sdk/src', 'bench', 'test/support', 'tools', 'packs/web']
  for (const folder of places) {
    test(`in ${folder}, once for all that are tied`, () => {
      const breaches = findBreaches([
        file(`${folder}/a.ts`, `import './b.ts'\nimport './c.ts'`),
        file(`${folder}/b.ts`, `export { a } from './a.ts'`),
        file(`${folder}/c.ts`, `type A = import('./a.ts').A`),
      ])
      assert.deepEqual(
        breaches.map(({ path, line, text }) => `${path}:${line}: ${text.split(';')[0]}`),
        [`${folder}/a.ts:1: imports itself: ${folder}/b.ts → ${folder}/a.ts`],
      )
    })
  }

  test('not where two ways lead to one file, or one is taken late', () => {
    const breaches = findBreaches([
      file('src/lake/a.ts', `import '#lake/b.ts'\nimport '#lake/c.ts'`),
      file('src/lake/b.ts', `import '#lake/c.ts'`),
      file('src/lake/c.ts', `const a = await import('#lake/a.ts')`),
    ])
    assert.deepEqual(breaches, [])
  })
})

describe('what is allowed passes:', () => {
  const allowed: readonly (readonly [string, string, string])[] = [
    ['an import downwards', 'src/factory/a.ts', `import '#catalog/b.ts'\nimport '../lake/c.ts'`],
    ['a file named after its dataset', 'packs/web/sources/page_views.ts', ''],
    ['an import from the same folder', 'src/lake/a.ts', `import './b.ts'\nimport '#lake/c/d.ts'`],
    [
      'app and cli know every part',
      'src/app/compose.ts',
      `import '#server/a.ts'\nimport '#cli/b.ts'`,
    ],
    ['the packs’ door', 'src/index.ts', `export * from '#model/a.ts'`],
    ['a pack on its own files', 'packs/web/sources/a.ts', `import 'millrace'\nimport '../b.ts'`],
    ['the one file of settings', 'src/app/config.ts', `const a = process.env.A`],
    ['the clock itself', 'src/kernel/clock.ts', `const a = new Date()`],
    ['a date made of a number', 'src/lake/a.ts', `const a = new Date(0)`],
    ['agents as types', 'src/tasks/a.ts', `import type { Agent } from 'node:http'`],
    ['a method named fetch', 'src/factory/a.ts', `await connector.fetch('s3://b')`],
    ['egress itself', 'src/egress/a.ts', `import { isIP } from 'node:net'`],
    ['names in comments and texts', 'src/lake/a.ts', `// Date.now()\nconst a = 'process.env'`],
    [
      'a screen on its own parts, what is shared, and the ground',
      'portal/src/screens/run/a.tsx',
      `import '~/screens/run/b.tsx'\nimport '~/plan/c.tsx'\nimport '~/ui/d.tsx'\nimport '#sdk/e.ts'`,
    ],
    ['the shell on the screens', 'portal/src/app/a.ts', `import('~/screens/run/screen.tsx')`],
    ['a test', 'src/lake/a.test.ts', `import '../../test/support/b.ts'\nprocess.env.A = ''`],
  ]
  for (const [name, path, text] of allowed) {
    test(name, () => assert.deepEqual(plant(path, text), []))
  }
})
