import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { operations } from '#operations/registry.gen.ts'
import { runBackground } from './background.ts'
import type { Ids } from './foreign-forms.ts'
import { runMatrix, type MatrixInput } from './matrix.ts'
import { planted } from './planted.ts'
import { principalsOf, type Principal } from './principals.ts'
import { namedFields, unnamedPathFields } from './sample-input.ts'
import { samples } from './samples.ts'
import { seed } from './seeds.ts'
import { buildWorld, CANARY, type World } from './world.ts'

let world: World
let ids: Map<string, Ids>
let principals: Principal[]

before(async () => {
  world = await buildWorld()
  const kinds = operations.flatMap((operation) => namedFields(operation).map(({ kind }) => kind))
  ids = await seed(world, new Set(kinds))
  principals = await principalsOf(world)
})
after(() => world.close())

function matrixOf(more: Partial<MatrixInput> = {}): MatrixInput {
  return { world, app: world.server.app, operations, principals, ids, samples, ...more }
}

/** Doors that stand open: no credential says whose the thing would be, and a secret proves who asks. */
const unnamed = [
  // The token of the link names the tenant; the test below has foreign ids.
  'deliveries.download: delivery',
  'embeds.view: embed',
]

test('every field of a path says what it names, so that a foreign one can be put there', () => {
  const found = operations.flatMap((operation) =>
    unnamedPathFields(operation).map((field) => `${operation.name}: ${field}`),
  )
  assert.deepEqual(found, unnamed)
})

test('a link that is made up answers alike for a delivery of the other tenant and for none', async () => {
  const { own = '', foreign = '', unknown = '' } = ids.get('delivery') ?? {}
  const answers = new Set<string>()
  for (const slug of [world.mine.slug, world.theirs.slug, 'no-tenant', '']) {
    for (const id of [own, foreign, unknown]) {
      const query = { token: `${slug}.${'A'.repeat(43)}` }
      const url = `/v1/deliveries/${id}/download`
      const answer = await world.server.app.inject({ url, query })
      answers.add(
        `${answer.statusCode} ${answer.body.replace(/"requestId":"[^"]*"/, '').replaceAll(id, '<id>')}`,
      )
    }
  }
  assert.equal(answers.size, 1, [...answers].join('\n'))
  assert.doesNotMatch([...answers].join(''), new RegExp(CANARY))
})

test('a token that is made up answers alike for a view of either tenant and for none', async () => {
  const { own = '', foreign = '', unknown = '' } = ids.get('embed') ?? {}
  const answers = new Set<string>()
  const signed = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.e30.${'A'.repeat(43)}`
  for (const token of ['A'.repeat(43), signed, 'x']) {
    for (const id of [own, foreign, unknown]) {
      const url = `/v1/embeds/${id}/view`
      const answer = await world.server.app.inject({ method: 'POST', url, payload: { token } })
      answers.add(`${answer.statusCode} ${answer.body.replace(/"requestId":"[^"]*"/, '')}`)
    }
  }
  assert.equal(answers.size, 1, [...answers].join('\n'))
  assert.doesNotMatch([...answers].join(''), new RegExp(CANARY))
})

test('work in the background leaves nothing of the one tenant with the other', async () => {
  assert.deepEqual(await runBackground(world, world.server.app), [])
})

// A process that carries out functions of packs serves one tenant after the other. What a function keeps in
// a variable of its module is each tenant's own; what it makes global is a leak, and the check finds it.
test('a planted leak of a background job is found', async () => {
  const fresh = await buildWorld()
  try {
    const problems = await runBackground(fresh, fresh.server.app, { leak: true })
    assert.ok(
      problems.some((problem) => problem.includes(CANARY)),
      JSON.stringify(problems),
    )
  } finally {
    await fresh.close()
  }
})

for (const [name, plant] of Object.entries(planted)) {
  test(`planted, and found: ${name}`, async () => {
    const holed = plant(operations, world.theirs)
    const changed = holed.filter((operation) => !operations.includes(operation))
    const app = world.server.another(new AbortController().signal, undefined, holed)
    const { findings } = await runMatrix(matrixOf({ app, operations: changed }))
    await app.close()
    assert.ok(findings.length > 0)
  })
}

test('every route × every principal × every form of a foreign id: nothing of the other tenant', async (t) => {
  const matrix = matrixOf()
  const startedMs = performance.now()
  const { requests, statuses, findings, reached } = await runMatrix(matrix)
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
  t.diagnostic(
    `${operations.length} routes × ${principals.length} principals: ${requests} requests in ${seconds} s, ` +
      `${findings.length} findings; ${JSON.stringify(statuses)}`,
  )
  assert.deepEqual(findings.slice(0, 20), [])
  const reads = operations.filter(
    // What needs no credential leads to another service, and has tests with a real one.
    ({ rest, permission }) =>
      rest.method === 'GET' && permission !== 'operator' && permission !== 'anyone',
  )
  const unreached = reads.filter(({ name }) => !reached.has(name)).map(({ name }) => name)
  assert.deepEqual(unreached, [], 'reading that nobody was let do with what is his own')
  const metrics = await world.server.app.inject('/metrics')
  assert.doesNotMatch(metrics.body, new RegExp(CANARY), 'labels of metrics')
})
