import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { listDeployments } from '#catalog/deployments.ts'
import { bundlePacks } from '#factory/code-bundle.ts'
import { sha256 } from '#kernel/hash.ts'
import { fullAccess } from '#model/access.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { openAnswerWorld, type AnswerWorld } from '../../../test/support/answer-world.ts'

let world: AnswerWorld

before(async () => {
  world = await openAnswerWorld()
  await world.publish('2021-04', ['1,anna,10.00,0.5,true,2021-04-01 10:00:00'])
})
after(() => world.close())

interface Named {
  readonly id: string
  readonly pack: string | null
  readonly kind: string
  readonly states: Readonly<Record<string, number>> | null
  readonly rows: number | null
  readonly lastMs: number | null
  readonly quality: { readonly partitions: number } | null
}
interface Lineage {
  readonly nodes: readonly Named[]
  readonly edges: readonly { readonly from: string; readonly to: string; readonly reads: string }[]
}

test('the lineage leads from sources over analyses to endpoints, with what is read in words', async () => {
  const all = (await world.get('/v1/lineage')).json<Lineage>()
  const nodes = all.nodes.filter(({ pack }) => pack === 'ledger')
  const edges = all.edges.filter(({ to }) => nodes.some(({ id }) => id === to))
  assert.deepEqual(
    nodes.map(({ id, kind }) => `${kind} ${id}`),
    [
      'source dataset:entries',
      'analysis dataset:sums',
      'endpoint endpoint:lines',
      'endpoint endpoint:top',
    ],
  )
  assert.deepEqual(edges, [
    { from: 'dataset:entries', to: 'dataset:sums', reads: 'the same month' },
    { from: 'dataset:entries', to: 'endpoint:lines', reads: 'every published partition' },
    { from: 'dataset:sums', to: 'endpoint:top', reads: 'partition $month' },
  ])
  const sums = nodes.find(({ id }) => id === 'dataset:sums')
  assert.deepEqual([sums?.states?.['fresh'], sums?.rows, sums?.quality?.partitions], [1, 1, 1])
  assert.ok((sums?.lastMs ?? 0) > 0)
})

test('whoever sees one dataset finds it alone, without what it reads and without its checks', async () => {
  const key = await world.key({ ...fullAccess, endpoints: ['sums'] })
  const { nodes, edges } = (await world.get('/v1/lineage', key)).json<Lineage>()
  assert.deepEqual(
    [nodes.map(({ id }) => id), edges, nodes[0]?.quality],
    [['dataset:sums'], [], null],
  )
  const shown = await world.get('/v1/analyses/sums', key)
  const { inputs, outputs, text, checks } = shown.json<Record<string, unknown>>()
  assert.deepEqual([shown.status, inputs, outputs, text, checks], [200, [], [], null, null])
  const hidden = await world.get(
    '/v1/analyses/sums',
    await world.key({ ...fullAccess, endpoints: [] }),
  )
  assert.deepEqual([hidden.status, hidden.json<{ code: string }>().code], [404, 'analysis-unknown'])
})

test('the code is shown to those who may run it, and a source is no analysis', async () => {
  const analyst = await world.key(fullAccess, ['read', 'run'])
  const own = (await world.get('/v1/analyses/sums', analyst)).json<Record<string, unknown>>()
  assert.match(String(own['text']), /sum\(amount\)/)
  assert.deepEqual(own['inputs'], [{ name: 'entries', kind: 'source', reads: 'the same month' }])
  assert.deepEqual(own['outputs'], [{ name: 'top', kind: 'endpoint', reads: 'partition $month' }])
  const reader = (await world.get('/v1/analyses/sums')).json<Record<string, unknown>>()
  assert.equal(reader['text'], null)
  assert.equal((await world.get('/v1/analyses/sums/history')).status, 403)
  assert.equal((await world.get('/v1/analyses/entries', analyst)).status, 404)
})

test('a code tells what is published of it and what its coming changed', async () => {
  const analyst = await world.key(fullAccess, ['read', 'run'])
  const { codes } = (await world.get('/v1/analyses/sums/history', analyst)).json<{
    codes: Record<string, unknown>[]
  }>()
  const [code] = codes
  assert.deepEqual([codes.length, code?.['isCurrent'], code?.['current']], [1, true, 1])
  const address = `/v1/analyses/sums/effect?codeVersion=${String(code?.['codeVersion'])}`
  const first = (await world.get(address, analyst)).json<Record<string, unknown>>()
  assert.deepEqual([first['partitions'], first['first'], first['same']], [1, 1, 0])
  const list = (await world.get('/v1/analyses')).json<{ analyses: Record<string, unknown>[] }>()
  assert.deepEqual(
    list.analyses
      .filter(({ pack }) => pack === 'ledger')
      .map(({ analysis, inputs, endpoints }) => [analysis, inputs, endpoints]),
    [['sums', ['entries'], ['top']]],
  )
})

/** The same packs with another text of `sums`, as a deployment brings them. */
async function deployOther(change: (text: string) => string): Promise<void> {
  const { catalog, deployments } = world.server.open
  const [current] = await catalog.asSystem((session) => listDeployments(session, 1))
  const packs = await deployments.packsOf(current?.codeHash ?? '')
  const changed = (one: DatasetDefinition): DatasetDefinition =>
    one.kind === 'analysis' && one.name === 'sums'
      ? { ...one, text: change(one.text), codeVersion: sha256(change(one.text)) }
      : one
  const bundle = await bundlePacks(
    packs.map((pack) => ({ ...pack, datasets: pack.datasets.map(changed) })),
  )
  await deployments.deploy(bundle, { message: 'count twice', by: 'test' })
}

test('a change of code shows its former text, and which partitions came out different', async () => {
  await deployOther((text) => text.replace('count(*)', '2 * count(*)'))
  await world.publish('2021-04', ['1,anna,10.00,0.5,true,2021-04-01 10:00:00'])
  const analyst = await world.key(fullAccess, ['read', 'run'])
  const { codes } = (await world.get('/v1/analyses/sums/history', analyst)).json<{
    codes: { codeVersion: string; text: string; current: number; deployment: number | null }[]
  }>()
  assert.deepEqual(
    codes.map(({ text, current, deployment }) => [text.includes('2 *'), current, deployment]),
    [
      [true, 1, null],
      [false, 0, null],
    ],
  )
  const address = `/v1/analyses/sums/effect?codeVersion=${codes[0]?.codeVersion}`
  const { partitions, same, first, moves } = (await world.get(address, analyst)).json<{
    partitions: number
    same: number
    first: number
    moves: { partition: string; rows: number; formerRows: number; isSame: boolean }[]
  }>()
  assert.deepEqual([partitions, same, first], [1, 0, 0])
  const [move] = moves
  assert.deepEqual(
    [move?.partition, move?.rows, move?.formerRows, move?.isSame],
    ['2021-04', 1, 1, false],
  )
})
