import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'

import type { OpenParts } from '#app/compose.ts'
import { createKey } from '#catalog/keys.ts'
import { createTenant } from '#catalog/tenants.ts'
import { toOperationParts } from '#cli/door/local-door.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openCallers } from '#operations/open-callers.ts'
import type { Operation, Permission } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { operations } from '#operations/registry.gen.ts'
import { createServer } from '#server/create-server.ts'
import { openMillraceIn, type MillraceOptions } from './open-parts.ts'

/** A whole Millrace behind its server, which does not listen: requests are injected. */
export interface TestServer {
  readonly app: FastifyInstance
  readonly open: OpenParts
  readonly parts: Parts
  readonly home: string
  readonly localKey: string
  readonly operatorKey: string
  readonly tenants: { readonly alpha: Tenant; readonly beta: Tenant }
  key(tenant: Tenant, permissions: readonly Permission[]): Promise<string>
  /** A second server over the same parts, not ready yet; SIGTERM aborts `stopping`. */
  another(
    stopping: AbortSignal,
    draining?: AbortSignal,
    ofOperations?: readonly Operation[],
  ): FastifyInstance
  close(): Promise<void>
}

/** For `before` of a suite: opening takes a second or two. Closed by `close`. */
export async function openServer(
  limits: Partial<Parts['limits']> = {},
  options: MillraceOptions = {},
): Promise<TestServer> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-server-'))
  const { rowsMax } = limits
  const rows = rowsMax === undefined ? {} : { MILLRACE_ROWS_MAX: String(rowsMax) }
  const millrace = await openMillraceIn(home, { ...options, env: { ...rows, ...options.env } })
  const open = millrace.parts
  const parts = await toOperationParts(open)
  const limited = { ...parts, limits: { ...parts.limits, ...limits } }
  const localKey = 'ml_local'
  const operatorKey = 'operators-of-these-tests-only-00000'
  const another = (
    stopping: AbortSignal,
    draining = new AbortController().signal,
    ofOperations: readonly Operation[] = operations,
  ) =>
    createServer({
      parts: limited,
      operations: ofOperations,
      callers: openCallers(parts),
      localKey,
      operatorKey,
      version: '0.0.0-test',
      draining,
      stopping,
      ready: async () => void (await open.catalog.stats()),
    })
  const app = another(new AbortController().signal)
  return {
    app,
    open,
    parts: limited,
    home,
    localKey,
    operatorKey,
    tenants: {
      alpha: await createTenant(open.catalog, 'alpha'),
      beta: await createTenant(open.catalog, 'beta'),
    },
    async key(tenant, permissions) {
      const { id, key, hash } = mintKey(open.ids, open.random)
      await open.catalog.asTenant(tenant, (session) =>
        createKey(session, { id, hash, name: 'test', permissions }),
      )
      return key
    },
    another,
    async close() {
      await app.close()
      await millrace.close()
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
