import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import type { DeliveryTarget, HandedFile, TargetWish } from '#model/delivery.ts'
import type { Egress } from '#egress/egress.ts'
import { copyLine, identifier, postgresType } from '#targets/postgres-columns.ts'
import { withPostgres } from '#targets/postgres-connection.ts'
import type { TargetOptionsOf } from '#targets/target-options.ts'

/** `swap`: the table holds what was delivered and nothing else; `upsert`: rows of the same key are replaced. */
export const postgresWish = z.strictObject({
  table: z.string().min(1).max(63).optional().describe('Name of the table; default: the title.'),
  mode: z.enum(['swap', 'upsert']).default('swap'),
  key: z
    .array(z.string().min(1))
    .min(1)
    .max(32)
    .optional()
    .describe('Columns that tell rows apart.'),
  /** Rows that are not delivered any more go. Of `upsert`; `swap` always does it. */
  removeOthers: z.boolean().default(false),
})
export type PostgresWish = z.output<typeof postgresWish>

interface Wish extends TargetWish {
  readonly kind: 'postgres'
  readonly target: string
  readonly options: PostgresWish
}

const PROGRESS_ROWS = 10_000
const LOG = 'millrace_deliveries'

/**
 * Rows into a table of somebody's own PostgreSQL. All of it is one transaction: readers see the former
 * rows or the new ones, whatever is killed in between, and the table keeps its rights, indexes and
 * views. What is older than what the table holds changes nothing.
 */
export function createPostgresTarget(
  egress: Pick<Egress, 'resolve'>,
  optionsOf: TargetOptionsOf<{
    readonly databaseUrl: string
    readonly schema?: string | undefined
  }>,
): DeliveryTarget<Wish> {
  return {
    kind: 'postgres',
    format: 'ndjson',
    async handOver(file, wish, { signal, onProgress }) {
      const { databaseUrl, schema = 'public' } = await optionsOf(file.tenant, wish.target)
      const { mode, key, removeOthers } = wish.options
      const name = wish.options.table ?? file.fileName.replace(/\.\w+$/, '')
      const table = `${identifier(schema)}.${identifier(name)}`
      if (mode === 'upsert' && key === undefined) throw refused('upsert needs the columns of a key')
      assertKey(file, key ?? [])
      return withPostgres(egress, { url: databaseUrl }, signal, async (client) => {
        await client.query('BEGIN')
        const state = await takeTurn(client, schema, name, file)
        if (state !== 'due') {
          await client.query('COMMIT')
          return { place: `${schema}.${name}`, target: wish.target, state }
        }
        await ensureTable(
          client,
          { schema, name, table },
          file,
          mode === 'upsert' ? key : undefined,
        )
        await fill(client, file, onProgress)
        const counts = await apply(client, table, file, { mode, key: key ?? [], removeOthers })
        await note(client, schema, name, file)
        await client.query('COMMIT')
        return { place: `${schema}.${name}`, target: wish.target, state: 'delivered', ...counts }
      })
    },
  }
}

/** One delivery at a time for each table, newer ones never overwritten by older ones. */
async function takeTurn(
  client: pg.Client,
  schema: string,
  name: string,
  { delivery, commitNumber }: HandedFile,
): Promise<'due' | 'delivered' | 'newer-is-there'> {
  await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`${schema}.${name}`])
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${identifier(schema)}.${LOG} (
       table_name text PRIMARY KEY, delivery text NOT NULL, receipt text NOT NULL,
       commit_number bigint NOT NULL, rows bigint NOT NULL,
       delivered_at timestamptz NOT NULL DEFAULT now())`,
  )
  const { rows } = await client.query<{ delivery: string; commit: string }>(
    `SELECT delivery, commit_number AS commit FROM ${identifier(schema)}.${LOG} WHERE table_name = $1`,
    [name],
  )
  const [last] = rows
  if (!last) return 'due'
  if (last.delivery === delivery) return 'delivered'
  return Number(last.commit) > commitNumber ? 'newer-is-there' : 'due'
}

async function note(
  client: pg.Client,
  schema: string,
  name: string,
  { delivery, receipt, commitNumber, rows }: HandedFile,
): Promise<void> {
  await client.query(
    `INSERT INTO ${identifier(schema)}.${LOG} AS l (table_name, delivery, receipt, commit_number, rows)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (table_name) DO UPDATE SET delivery = excluded.delivery, receipt = excluded.receipt,
       commit_number = excluded.commit_number, rows = excluded.rows, delivered_at = now()`,
    [name, delivery, receipt, commitNumber, rows],
  )
}

interface Place {
  readonly schema: string
  readonly name: string
  /** Both, quoted. */
  readonly table: string
}

/** The table with at least the columns of the answer, and for an upsert a unique index on its key. */
async function ensureTable(
  client: pg.Client,
  { schema, name, table }: Place,
  { columns }: HandedFile,
  key: readonly string[] | undefined,
): Promise<void> {
  const list = columns.map((column) => `${identifier(column.name)} ${postgresType(column.type)}`)
  const unique = key ? `, UNIQUE (${key.map(identifier).join(', ')})` : ''
  await client.query(`CREATE TABLE IF NOT EXISTS ${table} (${list.join(', ')}${unique})`)
  const { rows } = await client.query<{ name: string; generated: string }>(
    `SELECT column_name AS name, is_generated AS generated FROM information_schema.columns
     WHERE table_schema = $1 AND table_name = $2`,
    [schema, name],
  )
  const there = new Map(rows.map((row) => [row.name, row.generated]))
  for (const column of columns) {
    if (there.get(column.name) === 'ALWAYS') throw refused(`its column ${column.name} is computed`)
    if (there.has(column.name)) continue
    const type = postgresType(column.type)
    await client.query(`ALTER TABLE ${table} ADD COLUMN ${identifier(column.name)} ${type}`)
  }
}

async function fill(
  client: pg.Client,
  { path, columns }: HandedFile,
  onProgress: (progress: { readonly rows: number; readonly bytes: number }) => void,
): Promise<void> {
  const list = columns.map((column) => `${identifier(column.name)} ${postgresType(column.type)}`)
  await client.query(
    `CREATE TEMPORARY TABLE millrace_delivered (${list.join(', ')}) ON COMMIT DROP`,
  )
  const names = columns.map((column) => identifier(column.name)).join(', ')
  const stream = client.query(copyFrom(`COPY millrace_delivered (${names}) FROM STDIN`))
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })
  await pipeline(
    Readable.from(copyLines(lines, columns, onProgress), { objectMode: false }),
    stream,
  )
}

async function* copyLines(
  lines: AsyncIterable<string>,
  columns: HandedFile['columns'],
  onProgress: (progress: { readonly rows: number; readonly bytes: number }) => void,
): AsyncGenerator<string> {
  let rows = 0
  let bytes = 0
  let batch = ''
  for await (const line of lines) {
    if (line === '') continue
    batch += copyLine(parseExactJson(line) as Record<string, unknown>, columns)
    rows++
    bytes += line.length + 1
    if (batch.length > 64 * 1024) {
      yield batch
      batch = ''
    }
    if (rows % PROGRESS_ROWS === 0) onProgress({ rows, bytes })
  }
  if (batch !== '') yield batch
  onProgress({ rows, bytes })
}

async function apply(
  client: pg.Client,
  table: string,
  { columns }: HandedFile,
  how: {
    readonly mode: 'swap' | 'upsert'
    readonly key: readonly string[]
    readonly removeOthers: boolean
  },
): Promise<{ readonly written: number; readonly removed: number }> {
  const names = columns.map((column) => identifier(column.name))
  const list = names.join(', ')
  const select = `SELECT ${list} FROM millrace_delivered`
  if (how.mode === 'swap') {
    const removed = await client.query(`DELETE FROM ${table}`)
    const written = await client.query(`INSERT INTO ${table} (${list}) ${select}`)
    return { written: written.rowCount ?? 0, removed: removed.rowCount ?? 0 }
  }
  const key = how.key.map(identifier)
  const others = names.filter((name) => !key.includes(name))
  const change =
    others.length === 0
      ? 'NOTHING'
      : `UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(', ')}
         WHERE (${others.map((name) => `t.${name}`).join(', ')})
           IS DISTINCT FROM (${others.map((name) => `excluded.${name}`).join(', ')})`
  let removed = 0
  if (how.removeOthers) {
    const same = key.map((name) => `d.${name} = t.${name}`).join(' AND ')
    const gone = await client.query(
      `DELETE FROM ${table} AS t WHERE NOT EXISTS (SELECT FROM millrace_delivered d WHERE ${same})`,
    )
    removed = gone.rowCount ?? 0
  }
  const written = await client.query(
    `INSERT INTO ${table} AS t (${list}) ${select} ON CONFLICT (${key.join(', ')}) DO ${change}`,
  )
  return { written: written.rowCount ?? 0, removed }
}

function assertKey({ columns }: HandedFile, key: readonly string[]): void {
  const unknown = key.find((name) => !columns.some((column) => column.name === name))
  if (unknown !== undefined) throw refused(`the answer has no column ${unknown} for its key`)
}

function refused(message: string): MillraceError {
  return new MillraceError('target-refused', { place: 'postgres', message })
}
