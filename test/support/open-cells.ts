import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'

import { openParts, type OpenParts } from '#app/compose.ts'
import { parseConfig } from '#app/config.ts'
import { createTenant } from '#catalog/tenants.ts'
import { toOperationParts } from '#cli/door/local-door.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger, type Logger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { placeTenant } from '#operations/cells/place-tenant.ts'
import { openCallers } from '#operations/open-callers.ts'
import { operations } from '#operations/registry.gen.ts'
import { createServer } from '#server/create-server.ts'
import { afterwards } from './afterwards.ts'
import { buildFolder } from './open-parts.ts'

const OPERATOR_KEY = 'operators-of-these-tests-only-00000'

export interface Answer<T> {
  readonly status: number
  readonly json: T
  readonly text: string
}

/** One process of a deployment with cells, behind its server, which does not listen. */
export interface CellProcess {
  readonly home: string
  readonly open: OpenParts
  readonly app: FastifyInstance
  /** A request with a key, or of operators who ask for a tenant. */
  ask<T>(
    who: { readonly key: string } | { readonly tenant: string },
    path: string,
    body?: unknown,
  ): Promise<Answer<T>>
  /** Makes a tenant, in a cell where one is named, with a key that may do everything but operate. */
  tenant(slug: string, cell?: string): Promise<string>
  close(): Promise<void>
}

export interface CellProcessOptions {
  readonly databaseUrl?: string | undefined
  /** Another process of the same deployment, whose keys and lake are shared. */
  readonly beside?: CellProcess
  readonly env?: Readonly<Record<string, string>>
  /** False: nothing is worked on. */
  readonly working?: boolean
  readonly log?: Logger
}

export async function openCellProcess(
  t: TestContext,
  options: CellProcessOptions = {},
): Promise<CellProcess> {
  const { databaseUrl, beside, env, working = true, log = silentLogger } = options
  const home = await buildFolder(t, 'millrace-cells')
  const keyFile = join(beside?.home ?? home, 'secret.key')
  if (!beside) {
    await writeFile(keyFile, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600 })
  }
  const config = parseConfig({
    MILLRACE_HOME: home,
    MILLRACE_SLOTS: '2',
    MILLRACE_MEMORY: '1GiB',
    MILLRACE_LAKE: join(beside?.home ?? home, 'lake'),
    MILLRACE_SECRET_KEY_FILE: keyFile,
    DATABASE_URL: databaseUrl,
    ...env,
  })
  const open = await openParts(config, { clock: systemClock, random: systemRandom, log })
  if (working) open.startWorking(config.parts)
  const parts = await toOperationParts(open)
  const app = createServer({
    parts,
    operations,
    callers: openCallers(parts),
    localKey: null,
    operatorKey: OPERATOR_KEY,
    version: '0.0.0-test',
    stopping: new AbortController().signal,
    ready: async () => {},
  })

  async function ask<T>(
    who: { readonly key: string } | { readonly tenant: string },
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    const headers =
      'key' in who
        ? { authorization: `Bearer ${who.key}` }
        : { authorization: `Bearer ${OPERATOR_KEY}`, 'millrace-tenant': who.tenant }
    const answer = await app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url: path,
      headers,
      ...(body !== undefined && { payload: body as object }),
    })
    const isJson = String(answer.headers['content-type']).includes('json')
    const json = isJson ? answer.json<T>() : (null as T)
    return { status: answer.statusCode, json, text: answer.body }
  }

  let closed: Promise<void> | undefined
  const close = () =>
    (closed ??= (async () => {
      await app.close()
      await open.close()
    })())
  afterwards(t, close)
  return {
    home,
    open,
    app,
    ask,
    async tenant(slug, cell) {
      const tenant = await createTenant(open.catalog, slug)
      if (cell !== undefined) await placeTenant(parts, tenant, cell)
      const permissions = ['read', 'export', 'write', 'run', 'admin']
      const made = await ask<{ key: string }>({ tenant: slug }, '/v1/keys', {
        name: 'test',
        permissions,
      })
      if (made.status >= 300) throw new Error(made.text)
      return made.json.key
    },
    close,
  }
}
