import { z } from 'zod'

import { lineageOf, newestOf, versionFacts, type VersionFacts } from '#catalog/receipt-lineage.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { defineOperation, type Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { causesBetween } from '#operations/receipts/difference.ts'
import { questionText, receiptField, receiptOf } from '#operations/receipts/receipt-data.ts'
import { LINEAGE_MOST } from '#operations/receipts/sources.ts'
import type { QuestionData, Receipt } from '#serving/receipt.ts'

const CHANGES_MOST = 200

const changeData = z.object({
  dataset: z.string(),
  partition: z.string(),
  change: z.enum(['added', 'removed', 'changed']),
  rowsBefore: z.int().nullable(),
  rowsAfter: z.int().nullable(),
})

export const compareReceipts = defineOperation({
  name: 'receipts.compare',
  summary: 'Why a number changed: what is different in what two answers came from',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/receipts/{receipt}/compare/{other}' },
  input: z.strictObject({
    receipt: receiptField,
    other: receiptField.describe('Id of the receipt to compare it with: the later answer.'),
  }),
  output: z.object({
    before: z.string(),
    after: z.string(),
    /** Parts of the question that are not the same; empty: the same was asked. */
    asked: z.array(z.string()),
    same: z.int(),
    changes: z.array(changeData),
    /** Changes in all, of which the first are listed. */
    changesAll: z.int(),
    causes: z.array(
      z.object({
        kind: z.string(),
        dataset: z.string(),
        partition: z.string().nullable(),
        text: z.string(),
        rowsBefore: z.int().nullable(),
        rowsAfter: z.int().nullable(),
      }),
    ),
    /** False: the answers lead back to more versions than are followed. */
    isComplete: z.boolean(),
  }),
  async handler(input, { parts, caller }) {
    const before = await receiptOf(parts, caller, input.receipt)
    const after = await receiptOf(parts, caller, input.other)
    const then = await backOf(parts, caller, before)
    const now = await backOf(parts, caller, after)
    const changes = changesBetween(then.read, now.read)
    return {
      before: questionText(before.question),
      after: questionText(after.question),
      asked: differencesOf(before.question, after.question),
      same: now.read.length - changes.filter(({ change }) => change !== 'removed').length,
      changes: changes.slice(0, CHANGES_MOST),
      changesAll: changes.length,
      causes: causesBetween(then.led, now.led),
      isComplete: then.isComplete && now.isComplete,
    }
  },
})

interface Back {
  /** Versions that the answer was read from. */
  readonly read: readonly VersionFacts[]
  /** Those, and all that led to them. */
  readonly led: readonly VersionFacts[]
  readonly isComplete: boolean
}

function backOf({ catalog }: Parts, { tenant }: Caller, { versions }: Receipt): Promise<Back> {
  const ids = versions.map(({ versionId }) => versionId)
  return catalog.asTenant(tenant, async (session) => {
    const led = await lineageOf(session, ids, LINEAGE_MOST + 1)
    const facts = await versionFacts(session, led.slice(0, LINEAGE_MOST))
    const own = new Set(ids)
    return {
      read: facts.filter(({ id }) => own.has(id)),
      led: newestOf(facts),
      isComplete: led.length <= LINEAGE_MOST,
    }
  })
}

/** Partitions that the answers were read from and that hold other rows. */
function changesBetween(
  before: readonly VersionFacts[],
  after: readonly VersionFacts[],
): z.input<typeof changeData>[] {
  const name = ({ dataset, partition }: VersionFacts) => `${dataset} ${partition}`
  const then = new Map(before.map((one) => [name(one), one]))
  const now = new Map(after.map((one) => [name(one), one]))
  const names = [...new Set([...then.keys(), ...now.keys()])].toSorted()
  return names.flatMap((key) => {
    const [a, b] = [then.get(key), now.get(key)]
    if (a && b && a.dataVersion === b.dataVersion) return []
    const { dataset, partition } = (b ?? a) as VersionFacts
    const change = a === undefined ? 'added' : b === undefined ? 'removed' : 'changed'
    return [{ dataset, partition, change, rowsBefore: a?.rows ?? null, rowsAfter: b?.rows ?? null }]
  })
}

function differencesOf(a: QuestionData, b: QuestionData): string[] {
  return (['subject', 'select', 'where', 'sort', 'seen'] as const).filter(
    (part) => canonicalJson(a[part]) !== canonicalJson(b[part]),
  )
}
