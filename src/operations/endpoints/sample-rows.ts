import { parseExactJson } from '#kernel/exact-json.ts'
import { toMillraceError } from '#kernel/errors.ts'
import { isLimited } from '#model/access.ts'
import type { EndpointVersion } from '#model/endpoint.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

const ROWS = 3

export interface SampleRows {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly receipt: string
  /** Of the rows, as the caller sees them. */
  readonly columns: readonly ResultColumn[]
}

/**
 * The first rows as the caller gets them with these parameters, and what the engine says of their
 * columns; null where there is nothing to show: a parameter is missing, nothing is published.
 */
export async function sampleRows(
  parts: Pick<Parts, 'answers' | 'endpoints'>,
  { tenant, access }: Pick<Caller, 'tenant' | 'access'>,
  version: EndpointVersion,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<SampleRows | null> {
  const subject = { kind: 'endpoint', version, parameters } as const
  const question = { subject, select: null, where: [], sort: null, asOf: null }
  try {
    const answer = await parts.answers.ask({ tenant, access }, question, signal)
    if (!isLimited(access)) await parts.endpoints.noteColumns(version, answer.columns)
    const page = { limit: ROWS, cursor: null, format: 'json', cells: 'raw' } as const
    const { bytes } = await answer.page(page, signal)
    const rows = parseExactJson(new TextDecoder().decode(bytes)) as SampleRows['rows']
    return { rows, receipt: answer.receipt.id, columns: answer.columns }
  } catch (error) {
    if (toMillraceError(error).entry.kind === 'bug') throw error
    return null
  }
}
