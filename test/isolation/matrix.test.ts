import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { operations } from '#operations/registry.gen.ts'
import type { Ids } from './foreign-forms.ts'
import { runMatrix, type MatrixInput } from './matrix.ts'
import { principalsOf } from './principals.ts'
import { namedFields, unnamedPathFields } from './sample-input.ts'
import { samples } from './samples.ts'
import { seed } from './seeds.ts'
import { buildWorld, CANARY, type World } from './world.ts'

let world: World
let ids: Map<string, Ids>

before(async () => {
  world = await buildWorld()
  const kinds = operations.flatMap((operation) => namedFields(operation).map(({ kind }) => kind))
  ids = await seed(world, new Set(kinds))
})
after(() => world.close())

async function matrixOf(more: Partial<MatrixInput> = {}): Promise<MatrixInput> {
  const principals = await principalsOf(world)
  return { world, app: world.server.app, operations, principals, ids, samples, ...more }
}

test('every field of a path says what it names, so that a foreign one can be put there', () => {
  const unnamed = operations.flatMap((operation) =>
    unnamedPathFields(operation).map((field) => `${operation.name}: ${field}`),
  )
  assert.deepEqual(unnamed, [])
})

test('every route × every principal × every form of a foreign id: nothing of the other tenant', async (t) => {
  const matrix = await matrixOf()
  const startedMs = performance.now()
  const { requests, statuses, findings, reached } = await runMatrix(matrix)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
  t.diagnostic(
    `${operations.length} routes × ${matrix.principals.length} principals: ${requests} requests in ${seconds} s, ` +
      `${findings.length} findings; ${JSON.stringify(statuses)}`,
  )
  assert.deepEqual(findings.slice(0, 20), [])
  const reads = operations.filter(({ rest }) => rest.method === 'GET').map(({ name }) => name)
  const unreached = reads.filter((name) => !reached.has(name))
  t.diagnostic(`not reached: ${unreached.join(', ')}`)
  assert.ok(unreached.length <= reads.length / 4)
  const metrics = await world.server.app.inject('/metrics')
  assert.doesNotMatch(metrics.body, new RegExp(CANARY), 'labels of metrics')
})
