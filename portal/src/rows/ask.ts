import type { RowStream } from '#sdk/row-stream.ts'
import { parseExact } from '#sdk/exact-json.ts'
import type { Row, RowColumn } from '~/rows/rows-table.tsx'

/** One answer as it came: what is shown of it in words, as rows, and as it is. */
export interface Asked {
  readonly status: number
  readonly tookMs: number
  readonly sizeBytes: number
  readonly headers: readonly (readonly [string, string])[]
  readonly receipt: string | null
  readonly asOf: string | null
  readonly parts: { readonly ready: number; readonly all: number } | null
  /** Null: the form is not JSON, or the rows are being delivered. */
  readonly rows: readonly Row[] | null
  readonly columns: readonly RowColumn[]
  /** There are more behind these. */
  readonly isMore: boolean
  readonly raw: string
  /** Id of the delivery that the rows have become. */
  readonly delivery: string | null
}

interface JsonPage {
  readonly rows: readonly Row[]
  readonly columns?: readonly RowColumn[]
  readonly asOf?: string
  readonly next?: string | null
  readonly completeness?: { readonly expected: number; readonly published: number }
}

/** Reads an answer to its end; `nowMs` tells the time on a clock that only goes forward. */
export async function askRows(
  ask: () => Promise<RowStream>,
  nowMs: () => number = () => performance.now(),
): Promise<Asked> {
  const beganMs = nowMs()
  const stream = await ask()
  const raw = await stream.text()
  const tookMs = nowMs() - beganMs
  const isJson = stream.delivery === null && stream.contentType.includes('json')
  const isPage = isJson && !stream.contentType.includes('ndjson')
  const page = isPage ? pageOf(raw) : null
  const { completeness } = page ?? {}
  return {
    status: stream.response.status,
    tookMs,
    sizeBytes: new TextEncoder().encode(raw).length,
    headers: [...stream.response.headers].toSorted(([a], [b]) => a.localeCompare(b)),
    receipt: stream.receipt,
    asOf: page?.asOf ?? null,
    parts: completeness ? { ready: completeness.published, all: completeness.expected } : null,
    rows: page?.rows ?? null,
    columns: page === null ? [] : (page.columns ?? columnsOf(page.rows)),
    isMore: (page?.next ?? stream.next) !== null,
    raw,
    delivery: stream.delivery === null ? null : (stream.delivery.split('/').at(-1) ?? null),
  }
}

function pageOf(raw: string): JsonPage {
  const parsed = parseExact(raw) as JsonPage | readonly Row[]
  return Array.isArray(parsed) ? { rows: parsed as readonly Row[] } : (parsed as JsonPage)
}

/** What rows say of themselves, where nobody else does. */
function columnsOf(rows: readonly Row[]): RowColumn[] {
  return Object.entries(rows[0] ?? {}).map(([name, value]) => ({
    name,
    type: typeof value === 'number' || typeof value === 'bigint' ? 'DOUBLE' : 'VARCHAR',
  }))
}
