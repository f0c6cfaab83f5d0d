import type { QueryJob, QueryOptions, QueryResult } from '#engine/readers/query-job.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { streamOf } from '#kernel/held-bytes.ts'
import type { Answer, Page, PageRequest, Whole } from '#serving/answer.ts'
import type { AnswerParts } from '#serving/answers/answer-parts.ts'
import { createBinder } from '#serving/answers/binder.ts'
import type { Collapse } from '#serving/answers/collapse.ts'
import type { Cursors, Position } from '#serving/answers/cursor.ts'
import { endOf, fromPosition } from '#serving/answers/keyset.ts'
import { isKeyed } from '#serving/answers/order.ts'
import { answerSql, countSql, type Resolved } from '#serving/answers/resolve.ts'
import { runSelect } from '#serving/answers/run-select.ts'
import type { TenantCache } from '#serving/answers/tenant-cache.ts'
import type { RowFormat } from '#model/row-format.ts'

/** Bytes of an answer, or of a page of it. */
export interface Given {
  readonly bytes: Uint8Array
  readonly rows: number
  readonly next: string | null
}

export interface AnswerTools extends Pick<AnswerParts, 'lake' | 'readers' | 'limits'> {
  readonly cursors: Cursors
  readonly given: TenantCache<Given>
  readonly collapse: Collapse<Given>
  /** The answer over the versions of another receipt of the same question. */
  resume(cursor: string, signal: AbortSignal | undefined): Promise<Answer>
}

/** No file is too large for a disk; what it may hold is the delivery's to say. */
const FILE_BYTES_MAX = 1e15

/** `questionHash` names the question as it was asked: what cursors are bound to. */
export function createAnswer(tools: AnswerTools, resolved: Resolved, questionHash: string): Answer {
  const { limits, cursors, given } = tools
  const { plan, receipt, columns, all, order, asker } = resolved
  const { tenant } = asker
  const rowsMax = plan.limits.rows ?? limits.rowsMax
  const seconds = plan.limits.seconds
  const requestLimits = {
    deadlineMs: seconds === null ? limits.deadlineMs : seconds * 1000,
    bytesMax: plan.limits.bytes ?? limits.bytesMax,
  }

  const { expected, published } = resolved.completeness
  const state = `${resolved.identity} ${expected} ${published}`
  /** Of the whole answer, by its form. */
  const etags = new Map<string, string>()

  type Job = Pick<QueryJob, 'sql' | 'format' | 'cells' | 'rowsMax'> & Partial<QueryJob>

  function run(job: Job, options: QueryOptions): Promise<QueryResult> {
    return runSelect(
      tools,
      resolved.tables,
      {
        tenantId: tenant.id,
        subject: plan.subject,
        parameters: resolved.parameters,
        to: { kind: 'inline' },
        limits: requestLimits,
        trust: plan.trust,
        ...job,
      },
      options,
    )
  }

  /** From memory, or from whoever asks for the same already. */
  async function give(
    form: readonly (string | number | null)[],
    signal: AbortSignal | undefined,
    read: (signal: AbortSignal) => Promise<Given>,
  ): Promise<Given> {
    const key = `${resolved.identity} ${form.join(' ')}`
    const known = given.get(tenant.id, key)
    if (known) return known
    return tools.collapse.run(`${tenant.id} ${key}`, signal, async (going) => {
      const fresh = await read(going)
      // Doors keep what they put around the bytes as long as these.
      given.set(tenant.id, key, fresh, 2 * fresh.bytes.byteLength)
      return fresh
    })
  }

  async function count(max: number | null, signal: AbortSignal | undefined): Promise<number> {
    const sql = countSql(resolved, max)
    const result = await run({ sql, format: 'json', cells: 'raw', rowsMax: null }, { signal })
    const text = Buffer.from(result.bytes ?? []).toString('utf8')
    return Number((JSON.parse(text) as { rows: number }[])[0]?.rows ?? 0)
  }

  function tooMany(rows: number | null, format: RowFormat): MillraceError {
    const name = plan.isDataset ? plan.subject : null
    return new MillraceError('rows-too-many', {
      dataset: plan.subject,
      rows: rows ?? `more than ${rowsMax}`,
      where: plan.isDataset ? ' in these partitions' : '',
      max: rowsMax,
      way:
        name === null
          ? ' as a delivery'
          : ` with \`millrace show ${name} --format ${format} --out ${name}.${format}\``,
    })
  }

  async function readPage(
    { limit, format, cells }: PageRequest,
    position: Position | null,
    signal: AbortSignal,
  ): Promise<Given> {
    const binder = createBinder('page')
    const last = position?.last ?? null
    const terms = order.kind === 'terms' ? order.terms : []
    const also = last === null ? [] : [fromPosition(terms, last.values, all, binder)]
    const offset = last?.ties ?? position?.given ?? 0
    // One more, so that it is known whether there are more; the engine then sorts no others.
    const sql = answerSql(resolved, { also, rows: { limit: limit + 1, offset } })
    const parameters = { ...resolved.parameters, ...binder.parameters }
    const result = await run({ sql, parameters, format, cells, rowsMax: limit }, { signal })
    const bytes = result.bytes ?? new Uint8Array()
    if (!result.more) return { bytes, rows: result.rows, next: null }
    const isTold = format === 'json' && result.rows > 0 && isKeyed(order, all)
    const next = cursors.seal(tenant, questionHash, {
      receipt: receipt.id,
      given: (position?.given ?? 0) + result.rows,
      last: isTold ? endOf(bytes, terms, columns, last) : null,
    })
    return { bytes, rows: result.rows, next }
  }

  const answer: Answer = {
    receipt,
    columns,
    completeness: resolved.completeness,

    async rows(signal) {
      const rows = resolved.knownRows ?? (await count(rowsMax + 1, signal))
      return rows > rowsMax ? null : rows
    },

    async total(signal) {
      if (resolved.knownRows !== null) return resolved.knownRows
      const counted = await give(['total'], signal, async (going) => {
        const rows = await count(null, going)
        return { bytes: new Uint8Array(), rows, next: null }
      })
      return counted.rows
    },

    etag(format, cells, page) {
      const form = `${format} ${cells}`
      if (page !== undefined) return etagOf(`${state} ${form} ${page.limit} ${page.cursor ?? ''}`)
      const known = etags.get(form)
      if (known !== undefined) return known
      const etag = etagOf(`${state} ${form}  `)
      etags.set(form, etag)
      return etag
    },

    async page(request, signal): Promise<Page> {
      const { cursor, limit, format, cells } = request
      const position = cursor === null ? null : cursors.open(tenant, questionHash, cursor)
      if (position && cursor !== null && position.receipt !== receipt.id) {
        const former = await tools.resume(cursor, signal)
        return former.page(request, signal)
      }
      return give(['page', format, cells, limit, cursor], signal, (going) =>
        readPage(request, position, going),
      )
    },

    async whole(format, cells, signal): Promise<Whole> {
      const { knownRows } = resolved
      if (knownRows !== null && knownRows > rowsMax) throw tooMany(knownRows, format)
      const { bytes, rows } = await give(['whole', format, cells], signal, async (going) => {
        const sql = answerSql(resolved)
        const result = await run({ sql, format, cells, rowsMax }, { signal: going })
        if (result.more) throw tooMany(null, format)
        return { bytes: result.bytes ?? new Uint8Array(), rows: result.rows, next: null }
      })
      return {
        rows,
        sizeBytes: bytes.byteLength,
        bytes,
        open: async () => streamOf(bytes),
      }
    },

    async write({ path, format, cells, limit = null, onProgress }, signal) {
      const rowsSoFar = (bytes: number) => onProgress?.({ rows: 0, bytes })
      const result = await run(
        {
          sql: answerSql(resolved, limit === null ? {} : { rows: { limit, offset: 0 } }),
          format,
          cells,
          rowsMax: null,
          to: { kind: 'file', path },
          limits: { deadlineMs: limits.fileDeadlineMs, bytesMax: FILE_BYTES_MAX },
        },
        { signal, onProgress: ({ bytes }) => rowsSoFar(bytes) },
      )
      const { file, rows } = result
      if (!file) throw new MillraceError('internal', { message: 'a file was not written' })
      onProgress?.({ rows, bytes: file.sizeBytes })
      return { rows, sizeBytes: file.sizeBytes, sha256: file.sha256 }
    },
  }
  return answer
}

function etagOf(text: string): string {
  return `"${sha256(text).slice(0, 32)}"`
}
