import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'

import type { JsonSchema } from '#operations/openapi/json-schema.ts'
import type { OpenApiDocument } from '#operations/openapi/openapi-types.ts'
import { defineOperation } from '#operations/operation.ts'
import { operations } from '#operations/registry.gen.ts'
import { seed } from '../isolation/seeds.ts'
import { buildWorld, type World } from '../isolation/world.ts'
import { fitting as fittingInputs, unfitting, type Known } from './arbitrary-input.ts'
import { callOperation, type Described } from './call-operation.ts'
import { judgeOf } from './judge-answer.ts'

const BUDGET_MS = 45_000
/** Inputs that fit, and as many that do not. */
const EACH = 8
/** Operations whose names fit, when somebody looks for one of them: MILLRACE_FUZZ_ONLY='^runs'. */
const ONLY = new RegExp(process.env['MILLRACE_FUZZ_ONLY'] ?? '')
/** Another world each time it is set: MILLRACE_FUZZ_SEED=7 npm test -- test/fuzz. */
const SEED = Number(process.env['MILLRACE_FUZZ_SEED'] ?? 20_261)

const brokenBodies = ['', '{', '[]', 'null', '"text"', '{"a":1,"a":2}', '{"__proto__":{}}', '[[[']

let world: World
let known: Known
let owner: Record<string, string>
let operator: Record<string, string>

before(async () => {
  world = await buildWorld()
  // The matrix asks for a thing of every kind; here a field of a kind without one gets any text.
  const ids = await seed(world, new Set())
  const own = [...ids].map(([kind, { own: id }]) => [kind, id] as const)
  // A tenant that is suspended or deleted on the way must not be the one that asks.
  known = new Map([...own, ['tenant', world.theirs.slug]])
  const key = await world.server.key(world.mine, [
    'read',
    'export',
    'write',
    'run',
    'admin',
    'owner',
  ])
  owner = { authorization: `Bearer ${key}` }
  operator = {
    authorization: `Bearer ${world.server.operatorKey}`,
    'millrace-tenant': world.mine.slug,
  }
})
after(() => world.close())

function describedIn(document: OpenApiDocument): Described[] {
  return Object.entries(document.paths).flatMap(([path, items]) =>
    Object.entries(items).map(([method, item]) => ({
      path,
      method: method.toUpperCase() as Described['method'],
      item,
    })),
  )
}

/** One schema for all that can be sent, from the parameters and the body. */
function inputOf({ item }: Described): JsonSchema {
  const parameters = (item.parameters ?? []).flatMap((parameter) =>
    '$ref' in parameter ? [] : [parameter],
  )
  const media = item.requestBody?.content['application/json']?.schema ?? {}
  const body = media.anyOf?.[0] ?? media
  const bodyField = item['x-body-field']
  return {
    type: 'object',
    properties: {
      ...(bodyField === undefined ? body.properties : { [bodyField]: media }),
      ...Object.fromEntries(
        parameters.map(({ name, schema, content }) => [
          name,
          schema ?? content?.['application/json']?.schema ?? {},
        ]),
      ),
    },
    required: [
      ...(body.required ?? []),
      ...parameters.flatMap(({ name, required }) => (required ? [name] : [])),
    ],
  }
}

/** What ends people, rates and tenants comes last, so that the others are reached before. */
function lateness({ item, method }: Described): number {
  const late = ['rates', 'usage', 'limits', 'queue', 'tenants', 'users', 'operators'].indexOf(
    item.tags[0] ?? '',
  )
  return (method === 'GET' ? 0 : 10) + (item['x-permission'] === 'operator' ? 20 : 0) + late
}

async function fuzz(app: World['server']['app'], wanted: (name: string) => boolean) {
  const document = (await app.inject('/v1/openapi.json')).json<OpenApiDocument>()
  const judge = judgeOf(document)
  const described = describedIn(document)
    .filter(({ item }) => wanted(item.operationId) && !item['x-endless'])
    .toSorted((a, b) => lateness(a) - lateness(b))
  const findings: string[] = []
  const statuses: Record<string, number> = {}
  const startedMs = performance.now()
  const slow: string[] = []
  for (const [index, operation] of described.entries()) {
    const schema = inputOf(operation)
    const fits = fittingInputs(schema, known) as fc.Arbitrary<Record<string, unknown>>
    const oddOnes = unfitting(Object.keys(schema.properties ?? {}), fits)
    const fitting = fc.sample(fits, { numRuns: EACH, seed: SEED + index })
    const odd = fc.sample(oddOnes, { numRuns: EACH, seed: SEED + index })
    // Turn by turn, so that a slow one gets some of both.
    const inputs = fitting.flatMap((input, at) => [input, odd[at] ?? {}])
    const dueMs = startedMs + (BUDGET_MS * (index + 1)) / described.length
    const headers = operation.item['x-permission'] === 'operator' ? operator : owner
    const begunMs = performance.now()
    for (const [at, input] of inputs.entries()) {
      // A slow one gets less, and what it leaves is for the next.
      if (at > 2 && performance.now() > dueMs) break
      const body = at % 4 === 3 ? brokenBodies[(at + index) % brokenBodies.length] : undefined
      const isWrite = operation.method !== 'GET'
      const answer = await callOperation(app, operation, input, headers, isWrite ? body : undefined)
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      const problem = judge(operation, answer)
      if (problem !== null) {
        const line = world.takeLog().find((one) => one.includes('ended in a bug')) ?? ''
        findings.push(
          `${operation.item.operationId}: ${problem}\n  ${answer.request}\n  ${line.slice(0, 1500)}`,
        )
        break
      }
    }
    const tookMs = performance.now() - begunMs
    if (tookMs > 1500) slow.push(`${operation.item.operationId} ${Math.round(tookMs)} ms`)
    world.takeLog()
  }
  return {
    findings,
    statuses,
    slow,
    operations: described.length,
    ms: performance.now() - startedMs,
  }
}

// Before the world has been through anything.
test('planted, and found: an answer of another form, and a bug behind a word', async (t) => {
  const wrong = defineOperation({
    name: 'limits.list',
    summary: 'Answers what it does not say',
    permission: 'read',
    rest: { method: 'GET', path: '/v1/limits' },
    input: z.strictObject({}),
    output: z.object({ count: z.int() }),
    handler: async () => ({ count: 'three' }) as never,
  })
  const buggy = defineOperation({
    name: 'queue.show',
    summary: 'Breaks where a word is long',
    permission: 'read',
    rest: { method: 'GET', path: '/v1/queue' },
    input: z.strictObject({ word: z.enum(['long', 'longer']).describe('Any.') }),
    output: z.object({}),
    async handler({ word }) {
      if (word.length > 0) throw new TypeError('planted')
      return {}
    },
  })
  const names = new Set([wrong.name, buggy.name])
  const others = operations.filter(({ name }) => !names.has(name) && name !== 'openapi.show')
  const { openApiDocument } = await import('#operations/openapi/document.ts')
  const planted = [...others, wrong, buggy]
  const document = openApiDocument(planted, { publicUrl: 'http://localhost', version: '0' })
  const { showOpenApi } = await import('#operations/openapi/show.ts')
  const show = { ...showOpenApi, handler: async () => ({ ...document }) }
  const app = world.server.another(new AbortController().signal, undefined, [...planted, show])
  t.after(() => app.close())
  const { findings } = await fuzz(app, (name) => names.has(name))
  assert.equal(findings.length, 2)
  assert.ok(findings.some((finding) => finding.includes('is not of its schema')))
  assert.ok(findings.some((finding) => finding.includes('500')))
})

test(
  'whatever is sent, no operation breaks, and every answer is as the document says',
  { timeout: 120_000 },
  async (t) => {
    const { findings, statuses, slow, ...rest } = await fuzz(world.server.app, (name) =>
      ONLY.test(name),
    )
    const seconds = Math.round(rest.ms / 1000)
    t.diagnostic(
      `${rest.operations} operations, ${seconds} s, ${JSON.stringify(statuses)}; slow: ${slow.join(', ')}`,
    )
    assert.deepEqual(findings, [])
    if (ONLY.source === '(?:)') assert.ok((statuses['200'] ?? 0) > 100)
  },
)
