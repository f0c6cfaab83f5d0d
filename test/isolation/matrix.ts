import { createHash } from 'node:crypto'
import type { FastifyInstance, InjectOptions } from 'fastify'

import type { Operation } from '#operations/operation.ts'
import { formsOf, sideways, type Ids } from './foreign-forms.ts'
import type { Principal } from './principals.ts'
import { namedFields, sampleInput, type NamedField } from './sample-input.ts'
import { differences, stateOf } from './tenant-state.ts'
import { CANARY, type World } from './world.ts'

export interface Finding {
  readonly route: string
  readonly principal: string
  readonly form: string
  readonly problem: string
}

export interface MatrixResult {
  readonly requests: number
  /** Requests of each answer's status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly findings: readonly Finding[]
  /** Operations that were carried out for somebody with what is his own. */
  readonly reached: ReadonlySet<string>
}

export interface MatrixInput {
  readonly world: World
  readonly app: FastifyInstance
  readonly operations: readonly Operation[]
  readonly principals: readonly Principal[]
  readonly ids: ReadonlyMap<string, Ids>
  /** Fields that an operation needs beside what its schema tells. */
  readonly samples: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** They look nothing up: whatever is named is noted for the caller's own tenant, and asked twice noted once. */
export const takesAnyName = new Set(['subjects.erase'])

interface Shot {
  readonly form: string
  readonly input: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
  /** Must answer like the same request with an id that does not exist. */
  readonly like?: { readonly input: Readonly<Record<string, unknown>>; readonly ids: Ids }
}

/** Every route × every principal × every form of a foreign id, and every way around the fields. */
export async function runMatrix(matrix: MatrixInput): Promise<MatrixResult> {
  const findings: Finding[] = []
  const statuses: Record<string, number> = {}
  const reached = new Set<string>()
  let requests = 0
  // What only reads comes first, so that what changes cannot hide anything from it.
  const routes = matrix.operations.toSorted((a, b) => Number(changes(a)) - Number(changes(b)))
  const principals = [...matrix.principals]
  for (const operation of routes) {
    await warmCaches(matrix, operation)
    const before = changes(operation) ? await stateOf(matrix.world) : null
    const shots = shotsOf(matrix, operation)
    for (const [at, principal] of principals.entries()) {
      for (const shot of shots) {
        if (!isTried(operation, shot, principal, at)) continue
        requests += shot.like ? 2 : 1
        const found = (problem: string) => {
          const route = `${operation.rest.method} ${operation.rest.path}`
          findings.push({ route, principal: principal.name, form: shot.form, problem })
        }
        const answer = await fire(matrix.app, operation, principal, shot)
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        if (answer.status < 300 && shot.form === 'own') reached.add(operation.name)
        for (const problem of problemsOf(answer, shot)) found(problem)
        const lines = matrix.world.takeLog()
        const bug = lines.find((line) => answer.status === 500 && line.includes('"error"'))
        if (bug) found(bug)
        for (const line of lines) {
          // What the request itself had said may stand there.
          if (line.includes(CANARY) && !saysCanary(shot) && !isTheirs(line)) {
            found(`a line of the log: ${line}`)
          }
        }
        if (!shot.like) continue
        const unknown = await fire(matrix.app, operation, principal, { ...shot, ...shot.like })
        if (takesAnyName.has(operation.name)) continue
        const [asForeign, asUnknown] = [answer, unknown].map(
          ({ status, text }) => `${status} ${text}`,
        )
        if (
          alike(asForeign ?? '', shot.like.ids.foreign) !==
          alike(asUnknown ?? '', shot.like.ids.unknown)
        ) {
          found(`answers unlike an id that does not exist: ${answer.text} — ${unknown.text}`)
        }
      }
    }
    if (changes(operation)) await renewAll(matrix, principals)
    const changed = before ? differences(before, await stateOf(matrix.world)) : []
    for (const difference of changed) {
      const problem = `changed the other tenant: ${difference}`
      findings.push({ route: operation.name, principal: '', form: 'state', problem })
    }
  }
  return { requests, statuses, findings, reached }
}

/** Of these, every form is tried by everybody. */
const core = new Set(['runs', 'tasks', 'datasets', 'keys', 'endpoints'])
/** They get furthest, and try every form of every operation. */
const always = new Set(['key with everything', 'key of limited access'])
const PART = 5

/**
 * What is one's own and the foreign id itself are tried by every principal at every route. The other
 * forms of the id and the ways around the fields take most of the time and seldom depend on who asks:
 * beyond the core, each is tried by those of `always` and by one of `PART` principals, other ones for
 * each form of each operation, and the same ones in every run.
 */
function isTried(operation: Operation, shot: Shot, principal: Principal, at: number): boolean {
  if (shot.form === 'own' || shot.like || always.has(principal.name)) return true
  if (core.has(operation.name.replace(/\..*/, ''))) return true
  const turn = createHash('sha256').update(`${operation.name} ${shot.form}`).digest().readUInt32BE()
  return (at + turn) % PART === 0
}

/** Whoever has signed himself out, or left, is there again for the next route. */
async function renewAll({ app, world }: MatrixInput, principals: Principal[]): Promise<void> {
  for (const [index, principal] of principals.entries()) {
    if (!principal.renew) continue
    const { statusCode } = await app.inject({ url: '/v1/account', headers: principal.headers })
    const isTenants = principal.name.startsWith('member')
    const seen = isTenants
      ? (await app.inject({ url: '/v1/datasets', headers: principal.headers })).statusCode
      : 200
    if (statusCode !== 200 || seen !== 200) principals[index] = await principal.renew()
  }
  world.takeLog()
}

function changes({ rest }: Operation): boolean {
  return rest.method !== 'GET'
}

function shotsOf({ world, ids, samples }: MatrixInput, operation: Operation): Shot[] {
  const own = ownInput(operation, ids, samples)
  // What changes is tried with foreign things; with own ones it is tried by the tests of its subject.
  const shots: Shot[] =
    changes(operation) && hasPathField(operation) ? [] : [{ form: 'own', input: own }]
  // What needs no credential is asked for with a secret, or is a door that stands open for everybody.
  const isOpen = operation.permission === 'anyone'
  const fields = isOpen ? [] : namedFields(operation)
  for (const field of fields) {
    const known = ids.get(field.kind)
    if (!known || known.own === known.foreign) continue
    for (const form of formsOf(known, world.theirs.slug, field)) {
      const input = { ...own, [field.name]: form.value }
      const like = { input: { ...own, [field.name]: asValue(known.unknown, field) }, ids: known }
      shots.push({ form: `${field.name}: ${form.name}`, input, ...(form.isExact && { like }) })
    }
  }
  for (const way of sideways(world.theirs)) {
    if (way.body && operation.rest.method === 'GET') continue
    const { name, ...rest } = way
    const [foreign] = fields.flatMap((field) => {
      const known = ids.get(field.kind)
      return known && field.inPath ? [{ [field.name]: asValue(known.foreign, field) }] : []
    })
    shots.push({ form: name, input: { ...own, ...foreign }, ...rest })
  }
  return shots
}

function hasPathField({ rest }: Operation): boolean {
  return rest.path.includes('{')
}

export function asValue(id: string, { isNumber, isList }: NamedField): unknown {
  return isNumber ? Number(id) : isList ? [id] : id
}

/** Every required field, and what names a thing names one's own. */
export function ownInput(
  operation: Operation,
  ids: ReadonlyMap<string, Ids>,
  samples: MatrixInput['samples'],
): Record<string, unknown> {
  const input = { ...sampleInput(operation), ...samples[operation.name] }
  for (const field of namedFields(operation)) {
    const known = ids.get(field.kind)
    if (field.name in (samples[operation.name] ?? {})) continue
    if (known && (field.name in input || field.inPath))
      input[field.name] = asValue(known.own, field)
  }
  return input
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: string
}

async function fire(
  app: FastifyInstance,
  operation: Operation,
  principal: Principal,
  { input, headers, query, body }: Shot,
): Promise<Answer> {
  const fields: Record<string, unknown> = { ...input }
  const url = operation.rest.path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = fields[name]
    delete fields[name]
    return encodeURIComponent(String(value))
  })
  const isRead = operation.rest.method === 'GET'
  const asked = new URLSearchParams({ ...(isRead ? textsOf(operation, fields) : {}), ...query })
  const request: InjectOptions = {
    method: operation.rest.method,
    url: asked.size > 0 ? `${url}?${asked.toString()}` : url,
    headers: { ...headers, ...principal.headers },
    ...(isRead ? {} : { payload: bodyOf(fields, body) }),
  }
  if (!isRead) request.headers = { ...request.headers, 'content-type': 'application/json' }
  const response = await app.inject(request)
  return {
    status: response.statusCode,
    text: response.body,
    headers: JSON.stringify(response.headers),
  }
}

/** As text, for `__proto__` must stand in it. */
function bodyOf(fields: Readonly<Record<string, unknown>>, more: object | undefined): string {
  const pairs = [...Object.entries(fields), ...(more ? Object.entries(more) : [])]
  return `{${pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

function textsOf(
  { rest }: Operation,
  fields: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const pairs = Object.entries(fields).flatMap(([name, value]) => {
    const beginning = rest.gathers?.[name]
    if (beginning === undefined || typeof value !== 'object' || value === null)
      return [[name, value]]
    return Object.entries(value).map(([entry, own]) => [`${beginning}${entry}`, own as unknown])
  })
  return Object.fromEntries(
    pairs.map(([name, value]) => [
      String(name),
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
}

function problemsOf({ status, text, headers }: Answer, shot: Shot): string[] {
  const problems: string[] = []
  // A service of others that cannot be reached from here is no fault of the route.
  if (status >= 500 && status !== 502) problems.push(`${status}: ${text}`)
  // What was sent may be said back.
  if (`${text} ${headers}`.includes(CANARY) && !(saysCanary(shot) && isOnlyEcho(text, shot))) {
    problems.push(`shows what is the other tenant's: ${text.slice(0, 500)}`)
  }
  return problems
}

function saysCanary({ input, headers, query, body }: Shot): boolean {
  return JSON.stringify([input, headers, query, body]).includes(CANARY)
}

/** True where every canary stands within a text that the request had sent itself. */
function isOnlyEcho(text: string, { input }: Shot): boolean {
  let rest = text
  const sent = Object.values(input)
    .flatMap((value) => (typeof value === 'string' ? [value] : [JSON.stringify(value)]))
    .concat(`${CANARY}-tenant`)
  for (const value of sent.toSorted((a, b) => b.length - a.length)) {
    for (const spelt of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]) {
      if (spelt !== '') rest = rest.replaceAll(spelt, '')
    }
  }
  return !rest.includes(CANARY)
}

/** An answer without what has to differ: the id that was asked for, and the number of the request. */
export function alike(text: string, id: string): string {
  const whole = new RegExp(`(?<![\\w-])${id.replace(/[^\w-]/g, '\\$&')}(?![\\w-])`, 'g')
  const known = text.replace(whole, '<id>').replace(/"requestId":"[^"]*"/, '')
  return known
    .replace(/\b[a-z]+_[0-9a-z]{8,}\b/g, '<made>')
    .replace(/"\d{4}-\d\d-\d\dT[^"]*"/g, '<time>')
}

/** The other tenant asks for its own first, so that every cache knows the answer. */
async function warmCaches(matrix: MatrixInput, operation: Operation): Promise<void> {
  if (changes(operation) || operation.permission === 'anyone') return
  const { world, app, ids, samples } = matrix
  const theirs = new Map(
    [...ids].map(([kind, known]) => [kind, { ...known, own: known.foreign }] as const),
  )
  const headers = {
    authorization: `Bearer ${world.server.operatorKey}`,
    'millrace-tenant': world.theirs.slug,
  }
  const input = ownInput(operation, theirs, samples)
  await fire(app, operation, { name: 'them', headers }, { form: 'own', input })
  world.takeLog()
}

/** Lines about the other tenant's own work say so. */
function isTheirs(line: string): boolean {
  return line.includes(`"tenant":"${CANARY}-tenant"`)
}
