import { z } from 'zod'

import { versionFacts, type VersionFacts } from '#catalog/receipt-lineage.ts'
import { defineOperation } from '#operations/operation.ts'
import { questionText, receiptField, receiptOf } from '#operations/receipts/receipt-data.ts'

const datasetData = z.object({
  dataset: z.string(),
  partitions: z.int(),
  first: z.string(),
  last: z.string(),
  rows: z.int(),
  /** Partitions whose version is still the one that is served. */
  current: z.int(),
  replaced: z.int(),
  /** Partitions whose rows of then can be read no more. */
  swept: z.int(),
  checksFailed: z.int(),
  codeVersions: z.array(z.string()),
})

export const showReceipt = defineOperation({
  name: 'receipts.show',
  summary: 'Where an answer came from: what was asked, and which versions were read',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/receipts/{receipt}' },
  input: z.strictObject({ receipt: receiptField }),
  output: z.object({
    receipt: z.string(),
    text: z.string(),
    question: z.unknown(),
    commit: z.int(),
    asOf: z.string(),
    firstAskedAt: z.string(),
    completeness: z.object({
      expected: z.int(),
      published: z.int(),
      missing: z.array(z.string()),
    }),
    /** The same question would get the same answer now. */
    isCurrent: z.boolean(),
    /** The answer can be asked for again, by its commit. */
    isReadable: z.boolean(),
    datasets: z.array(datasetData),
  }),
  async handler(input, { parts, caller }) {
    const receipt = await receiptOf(parts, caller, input.receipt)
    const ids = receipt.versions.map(({ versionId }) => versionId)
    const facts = await parts.catalog.asTenant(caller.tenant, (session) =>
      versionFacts(session, ids),
    )
    const gone = ids.length - facts.length
    return {
      receipt: receipt.id,
      text: questionText(receipt.question),
      question: receipt.question,
      commit: receipt.commitNumber,
      asOf: receipt.asOf.toISOString(),
      firstAskedAt: receipt.createdAt.toISOString(),
      completeness: {
        expected: receipt.completeness.expected,
        published: receipt.completeness.published,
        missing: [...receipt.completeness.missing],
      },
      isCurrent: gone === 0 && facts.every(({ isCurrent }) => isCurrent),
      isReadable: gone === 0 && facts.every(({ sweptAt }) => sweptAt === null),
      datasets: Array.from(
        Map.groupBy(facts, ({ dataset }) => dataset),
        ([dataset, own]) => summed(dataset, own),
      ),
    }
  },
})

function summed(dataset: string, own: readonly VersionFacts[]): z.input<typeof datasetData> {
  const keys = own.map(({ partition }) => partition).toSorted()
  const current = own.filter(({ isCurrent }) => isCurrent).length
  return {
    dataset,
    partitions: own.length,
    first: keys[0] ?? '',
    last: keys.at(-1) ?? '',
    rows: own.reduce((sum, { rows }) => sum + rows, 0),
    current,
    replaced: own.length - current,
    swept: own.filter(({ sweptAt }) => sweptAt !== null).length,
    checksFailed: own.reduce((sum, { checksFailed }) => sum + checksFailed, 0),
    codeVersions: [...new Set(own.map(({ codeVersion }) => codeVersion))],
  }
}
