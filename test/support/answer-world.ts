import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createKey } from '#catalog/keys.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { fullAccess, type Access } from '#model/access.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import type { Permission } from '#operations/operation.ts'
import { openServer, type TestServer } from './open-server.ts'
import { waitForEnd, type MillraceOptions } from './open-parts.ts'

const pack: Readonly<Record<string, string>> = {
  'pack.ts': `
    import { definePack } from 'millrace'
    export default definePack({ name: 'ledger', description: 'Entries of a ledger.' })`,
  'sources/entries.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Entries.', format: 'csv', partition: 'month',
      columns: {
        n: { type: 'integer' }, who: { type: 'text' }, amount: { type: 'decimal(18,2)' },
        ratio: { type: 'double' }, paid: { type: 'boolean' }, at: { type: 'timestamp' },
      },
    })`,
  'analyses/sums.sql': `-- Sums.
-- partition: month
-- order: amount desc, who
SELECT who, sum(amount) AS amount, count(*) AS entries FROM entries GROUP BY who`,
  'endpoints/top.sql': `-- Who has the most.
-- param: month period = latest — which month
-- param: most integer = 100 [1..100000] — how many
-- param: least decimal(18,2) = -1000000 — what they have at least
-- input: sums partition $month
-- order: amount desc, who
SELECT who, amount, entries FROM sums WHERE amount >= $least ORDER BY amount DESC, who LIMIT $most`,
  'endpoints/lines.sql': `-- Every entry.
-- param: who text = all — whose
SELECT partition AS month, n, who, amount, ratio, paid, "at" FROM entries
WHERE $who = 'all' OR who = $who`,
}

/** A server with one pack: entries of three months, their sums, two endpoints over them. */
export interface AnswerWorld {
  readonly server: TestServer
  readonly tenant: Tenant
  /** With the rights to read and export, limited to `access`. */
  key(access?: Access, permissions?: readonly Permission[], of?: Tenant): Promise<string>
  get(url: string, key?: string, headers?: Readonly<Record<string, string>>): Promise<Reply>
  /** Replaces a month's entries and publishes what follows. */
  publish(month: string, lines: readonly string[]): Promise<void>
  close(): Promise<void>
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
  readonly bytes: Buffer
  json<T>(): T
}

export const entriesHeader = 'n,who,amount,ratio,paid,at'

export async function openAnswerWorld(
  options: MillraceOptions & { readonly rowsMax?: number } = {},
): Promise<AnswerWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-answers-'))
  for (const [file, text] of Object.entries(pack)) {
    await mkdir(join(folder, 'pack', file, '..'), { recursive: true })
    await writeFile(join(folder, 'pack', file), text)
  }
  const { rowsMax, ...rest } = options
  const server = await openServer(rowsMax === undefined ? {} : { rowsMax }, {
    ...rest,
    packs: [join(folder, 'pack')],
  })
  const { alpha } = server.tenants
  await mkdir(join(folder, 'in'))
  await server.open.catalog.asTenant(alpha, (session) =>
    setSourceOptions(session, 'entries', { location: join(folder, 'in', '{yyyy}-{MM}.csv') }),
  )
  let own: Promise<string> | null = null

  const world: AnswerWorld = {
    server,
    tenant: alpha,
    async key(access = fullAccess, permissions = ['read', 'export'], of = alpha) {
      const { id, key, hash } = mintKey(server.open.ids, server.open.random)
      await server.open.catalog.asTenant(of, (session) =>
        createKey(session, { id, hash, name: 'n', permissions, access }),
      )
      return key
    },
    async get(url, key, headers = {}) {
      own ??= world.key()
      const authorization = `Bearer ${key ?? (await own)}`
      const reply = await server.app.inject({ url, headers: { authorization, ...headers } })
      return {
        status: reply.statusCode,
        headers: reply.headers,
        body: reply.body,
        bytes: reply.rawPayload,
        json: <T>() => reply.json<T>(),
      }
    },
    async publish(month, lines) {
      await writeFile(
        join(folder, 'in', `${month}.csv`),
        `${[entriesHeader, ...lines].join('\n')}\n`,
      )
      const request = { datasets: ['entries'], partitions: [month], mode: 'run' } as const
      const why = { cause: 'test', title: 'test' }
      const { run } = await server.open.factory.start(alpha, request, why)
      const view = await waitForEnd(server.open, alpha, run?.id ?? '')
      if (view.run.state !== 'done') throw new Error(JSON.stringify(view.failures))
    },
    async close() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return world
}

/** Entries of a month: ties, empty cells and big numbers among them. */
export function entryLines(month: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) =>
    [
      at % 7 === 0 ? '' : at % 11 === 0 ? '9007199254740993' : String((at % 5) - 2),
      `who ${at % 6}`,
      at % 5 === 0 ? '' : `${at % 4}.${10 + (at % 3)}`,
      at % 6 === 0 ? '' : `${(at % 3) / 2 - 1}`,
      ['true', 'false', ''][at % 3],
      `${month}-${String((at % 28) + 1).padStart(2, '0')} 10:00:00`,
    ].join(','),
  )
}
