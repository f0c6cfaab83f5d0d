import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { addMember } from '#catalog/memberships.ts'
import { createUser } from '#catalog/users.ts'
import { toGraphError } from '#graphql/call.ts'
import type { GraphContext } from '#graphql/context.ts'
import { createExecutor, type GraphExecutor } from '#graphql/executor.ts'
import { links } from '#graphql/links.ts'
import type { Fields } from '#graphql/type-book.ts'
import { fullAccess } from '#model/access.ts'
import { nobody, permissions, type Caller } from '#operations/operation.ts'
import { operations } from '#operations/registry.gen.ts'
import type { Ids } from './foreign-forms.ts'
import { answerOf, contextOf, runGraphMatrix, type GraphMatrix } from './graph-matrix.ts'
import { alike } from './matrix.ts'
import { planted } from './planted.ts'
import { limits } from './principals.ts'
import { namedFields } from './sample-input.ts'
import { seed } from './seeds.ts'
import { buildWorld, CANARY, MONTH, type World } from './world.ts'

let world: World
let ids: Map<string, Ids>
let executor: GraphExecutor
let mine: Caller
let them: Caller
let callers: GraphMatrix['callers']

before(async () => {
  world = await buildWorld()
  const kinds = operations.flatMap((operation) => namedFields(operation).map(({ kind }) => kind))
  ids = await seed(world, new Set(kinds))
  executor = createExecutor(operations)
  const all = new Set(permissions.filter((permission) => permission !== 'operator'))
  const base = { person: null, permissions: all, access: fullAccess }
  mine = { ...base, name: 'key with everything', tenant: world.mine }
  them = { ...base, name: 'them', tenant: world.theirs }
  const { catalog, ids: newIds } = world.server.open
  const userId = newIds.next('usr')
  const email = 'owner@mine.example'
  await catalog.asSystem((session) =>
    createUser(session, { id: userId, email, name: 'owner', password: null }),
  )
  await catalog.asTenant(world.mine, (session) =>
    addMember(session, { userId, role: 'owner', invitedBy: null }),
  )
  const person = { userId, email, sessionId: newIds.next('ses') }
  const known: Caller[] = [
    mine,
    { ...mine, name: 'key to read', permissions: new Set(['read'] as const) },
    { ...mine, name: 'key of limited access', access: limits },
    { ...mine, name: 'member: owner', person },
  ]
  callers = [nobody, ...known]
})
after(() => world.close())

function matrixOf(more: Partial<GraphMatrix> = {}): GraphMatrix {
  return { world, executor, operations, ids, callers, them, ...more }
}

test('every field and link × every caller × the foreign id: like an id that nobody has', async (t) => {
  const startedMs = performance.now()
  const result = await runGraphMatrix(matrixOf())
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
  t.diagnostic(
    `${result.fields} fields and ${result.links} links × ${callers.length} callers: ` +
      `${result.requests} requests in ${seconds} s, ${result.findings.length} findings`,
  )
  assert.deepEqual(result.findings.slice(0, 20), [])
  const unfollowed = links
    .map(({ entity, field }) => `${entity}.${field}`)
    .filter((link) => !result.followed.has(link))
  assert.deepEqual(unfollowed, [], 'links that led nobody on from what is his own')
  const reads = operations.filter(
    ({ rest, permission, output }) =>
      rest.method === 'GET' &&
      output !== 'stream' &&
      permission !== 'operator' &&
      permission !== 'anyone' &&
      rest.redirect === undefined,
  )
  const unreached = reads
    .filter(({ name }) => !result.reached.has(name))
    .map(({ name }) => `${name}: ${result.refusals.get(name)?.slice(0, 2000)}`)
  assert.deepEqual(unreached, [], 'queries that nobody was let do with what is his own')
})

test('planted, and found: a link that looks up without the tenant', async () => {
  const holed = createExecutor(operations)
  const type = holed.schema.getType('Version')
  assert.ok(type && 'getFields' in type)
  const run = (type.getFields() as Fields)['run']
  const { resolve } = run ?? {}
  assert.ok(run && resolve)
  run.resolve = async (parent, args, context: GraphContext, info) => {
    try {
      return await resolve(parent, args, context, info)
    } catch {
      const everywhere = { ...context, caller: them, asked: new Map() }
      return resolve(parent, args, everywhere, info)
    }
  }
  const linked = operations.filter(({ name }) => name === 'runs.get')
  const { findings } = await runGraphMatrix(matrixOf({ executor: holed, operations: linked }))
  const found = findings.filter((finding) =>
    finding.startsWith('Version.run of key with everything'),
  )
  assert.ok(found.some((finding) => finding.includes('shows what is')))
  assert.ok(found.some((finding) => finding.includes('answers unlike')))
  assert.ok(!findings.some((finding) => finding.startsWith('Task.run of')))
})

test('planted, and found: a field that looks up without the tenant', async () => {
  const plant = planted['an id that is looked up without the tenant']
  assert.ok(plant)
  const holed = plant(operations, world.theirs)
  const changed = holed.filter((one) => !operations.includes(one))
  const { findings } = await runGraphMatrix(
    matrixOf({ executor: createExecutor(holed), operations: changed }),
  )
  assert.ok(findings.some((finding) => finding.startsWith('run(run) of key with everything shows')))
})

const ROWS = {
  endpointRows: `query ($after: String) {
    rows: endpointRows(endpoint: "meter_totals", first: 1, after: $after,
      parameters: [{ name: "month", value: "${MONTH}" }]) {
      ... on Rows { rows receipt pageInfo { endCursor } } } }`,
  datasetRows: `query ($after: String) {
    rows: datasetRows(dataset: "meter_months", partition: "${MONTH}", first: 1, after: $after) {
      ... on Rows { rows receipt pageInfo { endCursor } } } }`,
}

for (const [name, query] of Object.entries(ROWS)) {
  test(`${name}: a cursor of the other tenant is like one that nobody was given`, async () => {
    const ask = (caller: Caller, cursor: string | null) =>
      answerOf({ world, executor }, { query, variables: { after: cursor } }, caller)
    const cursorOf = async (caller: Caller) => {
      const { data } = JSON.parse(await ask(caller, null)) as {
        data: { rows: { pageInfo: { endCursor: string | null } } }
      }
      assert.ok(data.rows.pageInfo.endCursor)
      return data.rows.pageInfo.endCursor
    }
    const own = await cursorOf(mine)
    const foreign = await cursorOf(them)
    assert.match(await ask(mine, own), /own-other/)
    assert.match(await ask(them, foreign), new RegExp(`${CANARY}-other`))
    const at = Math.floor(foreign.length / 2)
    const unknown = foreign.slice(0, at) + (foreign[at] === 'A' ? 'B' : 'A') + foreign.slice(at + 1)
    const [toForeign, toUnknown] = [await ask(mine, foreign), await ask(mine, unknown)]
    assert.match(toForeign, /"errors"/)
    assert.equal(alike(toForeign, foreign), alike(toUnknown, unknown))
    assert.doesNotMatch(toForeign, new RegExp(CANARY))
  })
}

test('a page of a list that begins at a thing of the other tenant shows nothing of it', async () => {
  const fields = Object.values(executor.schema.getQueryType()?.getFields() ?? {}).filter(
    ({ type, args }) =>
      /Connection!?$/.test(String(type)) && !args.some((arg) => String(arg.type).endsWith('!')),
  )
  assert.ok(fields.length > 10, `${fields.length}`)
  for (const { name } of fields) {
    for (const { foreign, own } of ids.values()) {
      if (foreign === own) continue
      const after = Buffer.from(JSON.stringify([foreign, 0])).toString('base64url')
      const query = `query ($after: String) { ${name}(after: $after) { nodes { __typename } pageInfo { endCursor } } }`
      const answer = await answerOf({ world, executor }, { query, variables: { after } }, mine)
      assert.ok(!answer.replaceAll(foreign, '').includes(CANARY), `${name}: ${answer}`)
    }
  }
})

test('subscriptions tell of nothing of the other tenant', async () => {
  const told = async (query: string, variables: object, enough: (text: string) => boolean) => {
    const stop = new AbortController()
    const prepared = executor.prepare({ query, variables: { ...variables }, operationName: null })
    assert.equal(prepared.kind, 'subscription', JSON.stringify(prepared))
    assert.ok(prepared.kind === 'subscription')
    const answer = await prepared.run(contextOf(world, mine, stop.signal))
    if (!(Symbol.asyncIterator in answer)) return JSON.stringify(answer)
    let text = ''
    try {
      for await (const one of answer) {
        text += JSON.stringify(one)
        if (enough(text)) break
      }
    } catch (error) {
      text += JSON.stringify({ errors: [toGraphError(error, null)] })
    } finally {
      stop.abort()
    }
    return text
  }
  const progress =
    'subscription ($run: String!) { runProgress(run: $run) { run { id title state } } }'
  const { own = '', foreign = '', unknown = '' } = ids.get('run') ?? {}
  const [ofOwn, ofForeign, ofUnknown] = [
    await told(progress, { run: own }, () => true),
    await told(progress, { run: foreign }, () => true),
    await told(progress, { run: unknown }, () => true),
  ]
  assert.match(ofOwn, /own run/)
  assert.match(ofForeign, /"errors"/)
  assert.equal(alike(ofForeign, foreign), alike(ofUnknown, unknown))

  // The other tenant's were first: whoever is told all of his own would have been told those, too.
  const list = await answerOf(
    { world, executor },
    { query: '{ events(first: 1000) { nodes { sequence } } }', variables: {} },
    mine,
  )
  const count = (list.match(/"sequence"/g) ?? []).length
  assert.ok(count > 0, list)
  const events = await told(
    'subscription { events(after: 0) { id sequence kind data } }',
    {},
    (text) => (text.match(/"sequence"/g) ?? []).length >= count,
  )
  assert.doesNotMatch(events, new RegExp(CANARY))
  assert.ok(!events.includes(foreign))
})
