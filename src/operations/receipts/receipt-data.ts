import { z } from 'zod'

import type { VersionFacts } from '#catalog/receipt-lineage.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { isLimited, maySee } from '#model/access.ts'
import { MillraceError } from '#kernel/errors.ts'
import { runOf } from '#model/run.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { seenOf } from '#serving/answers/receipt-id.ts'
import type { QuestionData, Receipt } from '#serving/receipt.ts'

export const receiptField = z
  .string()
  .regex(/^rcp_[0-9a-z]{1,40}$/, 'is not the id of a receipt')
  .meta({ names: 'receipt' })
  .describe('Id of a receipt: `rcp_…`.')

/** A question in words that a person reads at a glance. */
export function questionText({ subject, where, select }: QuestionData): string {
  const parts = [subjectText(subject)]
  if (where.length > 0) {
    const conditions = where.map(({ column, op, value }) => `${column} ${op} ${textOf(value)}`)
    parts.push(`where ${conditions.join(' and ')}`)
  }
  if (select) parts.push(`columns ${select.join(', ')}`)
  return parts.join(' · ')
}

function subjectText(subject: QuestionData['subject']): string {
  if (subject.kind === 'sql') return 'SQL'
  if (subject.kind === 'dataset') {
    return subject.partitions === null
      ? subject.dataset
      : `${subject.dataset} ${subject.partitions}`
  }
  const given = Object.entries(subject.parameters).map(([name, value]) => `${name}=${value}`)
  return [`${subject.endpoint} (version ${subject.version})`, ...given].join(' ')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/**
 * The receipt, if the caller may see what it is about, under the same limits; else it answers as one
 * that does not exist.
 */
export async function receiptOf(
  { receipts }: Pick<Parts, 'receipts'>,
  { tenant, access }: Caller,
  id: string,
): Promise<Receipt & { readonly createdAt: Date }> {
  const receipt = await receipts.find(tenant, id)
  if (!receipt || !isSeen(receipt, access)) {
    throw new MillraceError('receipt-unknown', { receipt: id })
  }
  return receipt
}

export function isSeen(
  { question, versions }: Pick<Receipt, 'question'> & Partial<Pick<Receipt, 'versions'>>,
  access: Caller['access'],
): boolean {
  if (!isLimited(access)) return true
  const { subject } = question
  // SQL may read anything, and a limited caller may not ask it.
  if (subject.kind === 'sql') return false
  const name = subject.kind === 'dataset' ? subject.dataset : subject.endpoint
  if (!maySee(access, name)) return false
  const read = versions?.map(({ dataset }) => dataset) ?? []
  const own = seenOf(access, [...new Set([name, ...read])])
  return canonicalJson(own) === canonicalJson(question.seen)
}

export const versionData = z
  .object({
    dataset: z.string(),
    partition: z.string(),
    version: z.int(),
    dataVersion: z.string(),
    codeVersion: z.string(),
    rows: z.int(),
    /** Null: rows that were sent in are written without one. */
    run: z.string().nullable(),
    commit: z.int().nullable(),
    publishedAt: z.string().nullable(),
    /** It is what is served now. */
    isCurrent: z.boolean(),
    /** Since when its rows can be read no more; null: they can. */
    sweptAt: z.string().nullable(),
    isErased: z.boolean(),
    checks: z.object({ all: z.int(), failed: z.int() }),
  })
  .meta({ entity: 'ReadVersion' })

export function toVersionData(facts: VersionFacts): z.input<typeof versionData> {
  return {
    dataset: facts.dataset,
    partition: facts.partition,
    version: facts.id,
    dataVersion: facts.dataVersion,
    codeVersion: facts.codeVersion,
    rows: facts.rows,
    run: runOf(facts.runId),
    commit: facts.commitNumber,
    publishedAt: facts.publishedAt?.toISOString() ?? null,
    isCurrent: facts.isCurrent,
    sweptAt: facts.sweptAt?.toISOString() ?? null,
    isErased: facts.isErased,
    checks: { all: facts.checks, failed: facts.checksFailed },
  }
}

export const sourceData = z
  .object({
    dataset: z.string(),
    partition: z.string(),
    version: z.int(),
    location: z.string(),
    sha256: z.string(),
    sizeBytes: z.int(),
    modifiedAt: z.string(),
    received: z.int(),
    accepted: z.int(),
    repaired: z.int(),
    quarantined: z.int(),
    isCurrent: z.boolean(),
  })
  .meta({ entity: 'SourceObject' })

export function toSourceData(facts: VersionFacts): z.input<typeof sourceData> | null {
  const { origin } = facts
  if (origin === null) return null
  return {
    dataset: facts.dataset,
    partition: facts.partition,
    version: facts.id,
    location: origin.location,
    sha256: origin.sha256,
    sizeBytes: origin.sizeBytes,
    modifiedAt: origin.modifiedAt,
    received: origin.received,
    accepted: origin.accepted,
    repaired: origin.repaired,
    quarantined: origin.quarantined,
    isCurrent: facts.isCurrent,
  }
}
