import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import fc from 'fast-check'

import { codeVersionOf } from '#definitions/code-version.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { parseAnalysisSql } from '#definitions/sql-rules.ts'
import { spansOf, statementOf } from '#definitions/sql-text.ts'
import { withoutLocations } from '#definitions/sql-tree.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { AnalysisDefinition, Partitioning } from '#model/definition.ts'

import { analysisOf, buildPack } from '../../test/support/build-pack.ts'

const parser = openDuckdbParser()
after(() => parser.close())

async function versionOf(sql: string): Promise<string> {
  const { tree } = await parseAnalysisSql(statementOf(sql), {
    place: { file: 'x.sql' },
    volatile: true,
    serializeSql: parser.serializeSql,
  })
  return sha256(canonicalJson(withoutLocations(tree)))
}

const base = `WITH recent AS (
  SELECT Shop, Amount, "Ref No", placed FROM orders WHERE placed >= TIMESTAMP '2021-04-01' AND shop <> 'A''b'
)
SELECT
  shop AS Name,
  count(*) AS n,
  CAST(sum(amount) AS DECIMAL(18, 2)) AS total,
  max("Ref No") FILTER (amount > 9007199254740993) AS ref,
  list(amount ORDER BY placed DESC, amount)[1:3] AS newest,
  rank() OVER (PARTITION BY shop ORDER BY sum(amount) DESC) AS rank,
  CASE WHEN count(DISTINCT placed) > 1 THEN 0.10 ELSE NULL END AS rate
FROM recent r LEFT JOIN shops s USING (shop)
GROUP BY shop
HAVING count(*) BETWEEN 2 AND 1000
ORDER BY total DESC NULLS LAST, name
LIMIT 100 OFFSET 5`

test('layout, comments and the case of words leave the version as it is', async () => {
  const version = await versionOf(base)
  // Spaces, comments and case change between any two words, outside strings and quoted names.
  const relaid = fc.array(
    fc.tuple(fc.constantFrom(' ', '\n', '\t', ' -- c\n', ' /* X */ '), fc.boolean()),
    {
      minLength: 200,
      maxLength: 200,
    },
  )
  await fc.assert(
    fc.asyncProperty(relaid, async (choices) => {
      let next = 0
      const text = spansOf(base)
        .map(({ kind, start, end }) => {
          const part = base.slice(start, end)
          if (kind !== 'code') return part
          return part.replace(/\s+|\w+/g, (word) => {
            const [space, isUpper] = choices[next++ % choices.length] ?? [' ', false]
            if (/^\s/.test(word)) return space
            return isUpper ? word.toUpperCase() : word.toLowerCase()
          })
        })
        .join('')
      assert.equal(await versionOf(`-- header\n${text} ;`), version)
    }),
    { numRuns: 40 },
  )
})

const changes: readonly (readonly [from: string, to: string])[] = [
  ['>= TIMESTAMP', '> TIMESTAMP'],
  ['2021-04-01', '2021-04-02'],
  ["'A''b'", "'a''b'"],
  ['"Ref No"', '"ref no"'],
  ['shop AS Name', 'shop AS title'],
  ['shop AS Name', 'shop AS "Name"'],
  ['count(*)', 'count(amount)'],
  ['sum(amount)', 'max(amount)'],
  ['DECIMAL(18, 2)', 'DECIMAL(18, 3)'],
  ['9007199254740993', '9007199254740992'],
  ['ORDER BY placed DESC', 'ORDER BY placed'],
  ['[1:3]', '[1:4]'],
  ['PARTITION BY shop ', ''],
  ['rank()', 'dense_rank()'],
  ['DISTINCT placed', 'placed'],
  ['0.10', '0.1'],
  ['ELSE NULL', 'ELSE 0'],
  ['LEFT JOIN', 'JOIN'],
  ['shops s', 'stores s'],
  ['USING (shop)', 'ON r.shop = s.shop'],
  ['AND shop <>', 'OR shop <>'],
  ['BETWEEN 2 AND 1000', 'BETWEEN 2 AND 1001'],
  ['NULLS LAST', 'NULLS FIRST'],
  ['total DESC', 'total'],
  ['LIMIT 100', 'LIMIT 101'],
  ['OFFSET 5', ''],
  ['WHERE placed', 'WHERE NOT placed'],
  ['GROUP BY shop', 'GROUP BY ALL'],
]

for (const [from, to] of changes) {
  test(`"${from}" → "${to}" is another version`, async () => {
    const changed = base.replace(from, to)
    assert.notEqual(changed, base)
    assert.notEqual(await versionOf(changed), await versionOf(base))
  })
}

const analysis: Omit<AnalysisDefinition, 'codeVersion'> = {
  kind: 'analysis',
  pack: 'shop',
  name: 'x',
  file: 'analyses/x.sql',
  description: 'X.',
  partitioning: { grain: 'month' },
  checks: [],
  language: 'sql',
  text: 'select 1',
  inputs: [
    { dataset: 'a', mapping: { kind: 'same' } },
    { dataset: 'b', mapping: { kind: 'lookback', periods: 2 } },
  ],
  volatile: false,
  columns: [],
}

test('the version of what is cut by time alone is fixed: another would make every deployment stale', () => {
  assert.equal(
    codeVersionOf(analysis, 'text'),
    '9d9ff0f7e6b715e683b13b0474696649f3fd425c0857cfa34d09f0454e22b351',
  )
})

test('keys and shards count, the values of a key do not', () => {
  const cut = (more: Omit<Partitioning, 'grain'>, whole = false) =>
    codeVersionOf(
      {
        ...analysis,
        partitioning: { grain: 'month', ...more },
        inputs: analysis.inputs.map((input) => ({
          ...input,
          ...(whole && { whole: true as const }),
        })),
      },
      'text',
    )
  const versions = [
    cut({}),
    cut({}, true),
    cut({ key: { name: 'exam', values: null } }),
    cut({ key: { name: 'school', values: null } }),
    cut({ shards: { count: 16, by: 'email' } }),
    cut({ shards: { count: 8, by: 'email' } }),
    cut({ shards: { count: 16, by: 'name' } }),
  ]
  assert.equal(new Set(versions).size, versions.length)
  assert.equal(cut({ key: { name: 'exam', values: ['a', 'b'] } }), versions[2])
})

test('how it is cut, read and ordered counts; words and checks do not', () => {
  const version = codeVersionOf(analysis, 'text')
  const different: readonly Partial<typeof analysis>[] = [
    { partitioning: { grain: 'day' } },
    { inputs: [{ dataset: 'a', mapping: { kind: 'same' } }] },
    { inputs: [...analysis.inputs.slice(1), { dataset: 'a', mapping: { kind: 'all' } }] },
    {
      inputs: [
        ...analysis.inputs.slice(0, 1),
        { dataset: 'b', mapping: { kind: 'lookback', periods: 3 } },
      ],
    },
    { order: 'n desc' },
    { volatile: true },
  ]
  for (const change of different) {
    assert.notEqual(
      codeVersionOf({ ...analysis, ...change }, 'text'),
      version,
      JSON.stringify(change),
    )
  }
  assert.notEqual(codeVersionOf(analysis, 'another text'), version)

  const equal: readonly Partial<typeof analysis>[] = [
    { description: 'Y.' },
    { name: 'y', file: 'analyses/y.sql' },
    { checks: [{ name: 'c', severity: 'warning', kind: 'each', expression: 'n > 0' }] },
    { columns: [{ name: 'n', description: 'how many' }] },
    { inputs: analysis.inputs.toReversed() },
  ]
  for (const change of equal) {
    assert.equal(codeVersionOf({ ...analysis, ...change }, 'text'), version, JSON.stringify(change))
  }
})

const counts = '-- Orders.\n-- partition: day\nSELECT count(*) AS n FROM orders\n'

test('a known text keeps its version without being parsed; a new one is parsed', async (t) => {
  const pack = await buildPack(t, { 'analyses/counts.sql': counts })
  const first = analysisOf(await pack.read(), 'counts').codeVersion
  await pack.write(
    'analyses/counts.sql',
    counts.replace('SELECT', '/* why */ select').replace(' n ', ' N '),
  )
  assert.equal(analysisOf(await pack.read(), 'counts').codeVersion, first)
  await pack.write('analyses/counts.sql', counts.replace('count(*)', 'count(id)'))
  assert.notEqual(analysisOf(await pack.read(), 'counts').codeVersion, first)
})

const tsAnalysis = (body: string) => `import { defineAnalysis } from 'millrace'
import { threshold } from '../lib/threshold.ts'
export default defineAnalysis({
  description: 'Large orders.',
  partition: 'day',
  inputs: { orders: null },
  columns: { n: { type: 'integer' } },
  run: () => ${body},
})
`

test('a TypeScript analysis has the version of its bundle, imports included', async (t) => {
  const pack = await buildPack(t, {
    'analyses/large.ts': tsAnalysis(
      '`SELECT count(*) AS n FROM orders WHERE amount > ${threshold}`',
    ),
    'lib/threshold.ts': 'export const threshold: number = 5 // euros\n',
  })
  const read = async () => analysisOf(await pack.read(), 'large')
  const first = await read()
  assert.equal(first.language, 'typescript')
  assert.deepEqual(first.inputs, [{ dataset: 'orders', mapping: { kind: 'observed' } }])
  assert.match(first.text, /from "millrace"/)
  await pack.write('lib/threshold.ts', '/* in euros */ export const threshold = 5\n')
  assert.equal((await read()).codeVersion, first.codeVersion)
  await pack.write('lib/threshold.ts', 'export const threshold = 6\n')
  assert.notEqual((await read()).codeVersion, first.codeVersion)
})
