import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

import type { OpenParts } from '#app/compose.ts'
import { createKey } from '#catalog/keys.ts'
import { createTenant } from '#catalog/tenants.ts'
import { toOperationParts } from '#cli/door/local-door.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openCallers } from '#operations/open-callers.ts'
import type { Permission } from '#operations/operation.ts'
import { operations } from '#operations/registry.gen.ts'
import { createServer } from '#server/create-server.ts'
import { afterwards } from './afterwards.ts'
import { openMillrace, type MillraceOptions } from './open-parts.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read whatever came
  readonly json: any
}

/** A Millrace that listens, with a pack of tasks and keys of two tenants. */
export interface TestTaskService {
  readonly url: string
  readonly parts: OpenParts
  readonly tenant: Tenant
  readonly key: string
  readonly readKey: string
  readonly otherKey: string
  /** As the holder of `key`; the body is JSON text, or data. */
  call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** Asks until the task has ended. */
  ended(id: string): Promise<Answer['json']>
}

const packFile = `import { definePack } from 'millrace'
export default definePack({ name: 'chores', description: 'Tasks of a test.' })
`

/** `tasks`: text of the modules in `tasks/`, by file name. */
export async function openTaskService(
  t: TestContext,
  tasks: Readonly<Record<string, string>> = {},
  options: MillraceOptions = {},
): Promise<TestTaskService> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chores-'))
  afterwards(t, () => rm(folder, { recursive: true, force: true }))
  const files = Object.entries(tasks).map(([name, text]) => [`tasks/${name}`, text] as const)
  for (const [name, text] of [['pack.ts', packFile] as const, ...files]) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const millrace = await openMillrace(t, { ...options, packs: [folder], working: false })
  const { parts } = millrace
  parts.startWorking(['worker', 'notifier'])
  const app = createServer({
    parts: await toOperationParts(parts),
    operations,
    callers: openCallers(parts),
    localKey: null,
    version: '0.0.0-test',
    stopping: new AbortController().signal,
    ready: async () => {},
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  afterwards(t, () => app.close())
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const makeKey = async (owner: Tenant, permissions: readonly Permission[]) => {
    const { id, key, hash } = mintKey(parts.ids, parts.random)
    await parts.catalog.asTenant(owner, (session) =>
      createKey(session, { id, hash, name: 'test', permissions }),
    )
    return key
  }
  const key = await makeKey(millrace.tenant, ['read', 'run'])
  const other = await createTenant(parts.catalog, 'somebody-else')

  const call: TestTaskService['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
  }
  return {
    url,
    parts,
    tenant: millrace.tenant,
    key,
    readKey: await makeKey(millrace.tenant, ['read']),
    otherKey: await makeKey(other, ['read', 'run']),
    call,
    async ended(id) {
      for (;;) {
        const { json } = await call('GET', `/v1/tasks/${id}?waitMs=20000`)
        if (json.endedAt !== null) return json
      }
    },
  }
}
