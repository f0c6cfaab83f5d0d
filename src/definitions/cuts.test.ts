import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'

import { MillraceError } from '#kernel/errors.ts'
import { analysisOf, buildPack, datasetOf } from '../../test/support/build-pack.ts'

const scores = `import { defineSource } from 'millrace'
export default defineSource({
  description: 'Scores.', format: 'csv', partition: 'month, key exam',
  columns: { email: { type: 'text' } }, location: './{exam}/{yyyy}-{MM}.csv',
})
`
const rates = `import { defineReference } from 'millrace'
export default defineReference({
  description: 'Rates.', location: './rates.csv', columns: { email: { type: 'text' } },
})
`

async function refusal(t: TestContext, files: Record<string, string>): Promise<string> {
  const pack = await buildPack(t, { 'sources/scores.ts': scores, ...files })
  try {
    await pack.read()
  } catch (error) {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.code, 'definition-invalid')
    return `${error.message} ${error.remedy}`
  }
  assert.fail('it was accepted')
}

const analysis = (partition: string, ...header: string[]) =>
  [
    '-- X.',
    `-- partition: ${partition}`,
    ...header.map((line) => `-- ${line}`),
    'SELECT count(*) AS n FROM scores',
  ].join('\n')

test('keys and shards are read from headers and declarations alike', async (t) => {
  const pack = await buildPack(t, {
    'sources/scores.ts': scores,
    'sources/rates.ts': rates,
    'analyses/dealt.sql': `-- X.\n-- partition: month, key exam, shards 16 by email\nSELECT s.email FROM scores AS s JOIN rates USING (email)`,
    'analyses/module.ts': `import { defineAnalysis } from 'millrace'
      export default defineAnalysis({
        description: 'X.', partition: 'key exam', inputs: { scores: 'roll-up' }, run: () => 'SELECT 1 AS a',
      })`,
  })
  const read = await pack.read()
  const exam = { key: { name: 'exam', values: null } }
  assert.deepEqual(datasetOf(read, 'scores').partitioning, { grain: 'month', ...exam })
  const dealt = analysisOf(read, 'dealt')
  assert.deepEqual(dealt.partitioning, {
    grain: 'month',
    ...exam,
    shards: { count: 16, by: 'email' },
  })
  assert.deepEqual(dealt.inputs, [
    { dataset: 'scores', mapping: { kind: 'same' } },
    // A reference table is broadcast: nothing of it is left out by its hash.
    { dataset: 'rates', mapping: { kind: 'all' }, whole: true },
  ])
  assert.deepEqual(analysisOf(read, 'module').partitioning, { grain: 'none', ...exam })
})

test('a registered key needs an input that has it', async (t) => {
  const message = await refusal(t, { 'analyses/x.sql': analysis('month, key school') })
  assert.match(message, /no input is cut by the key school/)
  assert.match(message, /key school \(a, b\)/)
  assert.match(
    await refusal(t, { 'analyses/x.sql': analysis('month, key exam', 'input: scores same whole') }),
    /no input is cut by the key exam/,
  )
})

test('a source has no shards', async (t) => {
  const sharded = scores.replace('month, key exam', 'month, shards 4 by email')
  assert.match(
    await refusal(t, { 'sources/scores.ts': sharded }),
    /cuts a source into shards.*takes its rows by their hash/,
  )
})

test('the former partition is the one of the same key and shard, never all of them', async (t) => {
  const text = analysis(
    'month, key exam',
    'input: x previous whole',
    'column: n integer — how many',
  )
  assert.match(
    await refusal(t, { 'analyses/x.sql': `${text} UNION ALL SELECT n FROM x` }),
    /previous whole.*Write previous/,
  )
})
