import type { Answer } from '#serving/answer.ts'

interface Enveloped {
  readonly of: Answer['receipt']
  readonly next: string | null
  readonly bytes: Buffer
}

/** By the rows in them, for answers that are given again and again from memory. */
const known = new WeakMap<Uint8Array, Enveloped>()

/**
 * The JSON of an answer about an endpoint: its rows as the engine wrote them, byte for byte, and what
 * is to be known of them.
 */
export function enveloped(rows: Uint8Array, answer: Answer, next: string | null): Buffer {
  const { receipt, columns, completeness } = answer
  const former = known.get(rows)
  if (former && former.of === receipt && former.next === next) return former.bytes
  const about = JSON.stringify({
    columns,
    receipt: receipt.id,
    asOf: receipt.asOf.toISOString(),
    commit: receipt.commitNumber,
    completeness,
    next,
  })
  const bytes = Buffer.concat([Buffer.from('{"rows":'), rows, Buffer.from(`,${about.slice(1)}\n`)])
  known.set(rows, { of: receipt, next, bytes })
  return bytes
}
