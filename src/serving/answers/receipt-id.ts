import { createHash } from 'node:crypto'

import { canonicalJson } from '#kernel/hash.ts'
import type { Access } from '#model/access.ts'
import { seenRows } from '#model/seen-rows.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Question } from '#serving/question.ts'
import type { QuestionData, ReadVersion } from '#serving/receipt.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const LETTERS = 26

/** `rcp_` and 130 bits of the hash of tenant, question and versions read. */
export function receiptId(
  tenant: Tenant,
  question: QuestionData,
  versions: readonly ReadVersion[],
): string {
  const read = versions.map(({ dataset, partition, versionId }) => [dataset, partition, versionId])
  const text = canonicalJson(['receipt 1', tenant.id, question, read])
  const bytes = createHash('sha256').update(text).digest()
  let bits = BigInt(`0x${bytes.subarray(0, 17).toString('hex')}`) >> 6n
  let name = ''
  for (let at = 0; at < LETTERS; at++) {
    name = ALPHABET.charAt(Number(bits & 31n)) + name
    bits >>= 5n
  }
  return `rcp_${name}`
}

/** The question as it is stored, equal for equal questions however they were written. */
export function questionData(
  subject: QuestionData['subject'],
  { select, where, sort }: Question,
  seen: QuestionData['seen'],
): QuestionData {
  const conditions = where.map(({ column, op, value }) => ({ column, op, value }))
  return {
    subject,
    select: select === null ? null : [...new Set(select)],
    where: conditions.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)),
    sort: sort === null ? null : sort.map(({ column, descending }) => ({ column, descending })),
    seen,
  }
}

/** What of an access matters to an answer that has to do with these names; null: it sees all. */
export function seenOf(access: Access, names: readonly string[]): Record<string, unknown> | null {
  const limited = names.toSorted().flatMap((name) => {
    const seen = seenRows(access, name)
    if (seen === null) return []
    const columns = seen.columns === null ? null : seen.columns.toSorted()
    const filters = seen.filters.map(({ column, op, value }) => ({ column, op, value }))
    return [[name, { columns, filters }] as const]
  })
  return limited.length === 0 ? null : Object.fromEntries(limited)
}
