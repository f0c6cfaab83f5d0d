import type { Answer } from '#serving/answer.ts'

/**
 * The JSON of an answer about an endpoint: its rows as the engine wrote them, byte for byte, and what
 * is to be known of them.
 */
export function enveloped(rows: Uint8Array, answer: Answer, next: string | null): Buffer {
  const { receipt, columns, completeness } = answer
  const about = JSON.stringify({
    columns,
    receipt: receipt.id,
    asOf: receipt.asOf.toISOString(),
    commit: receipt.commitNumber,
    completeness,
    next,
  })
  return Buffer.concat([Buffer.from('{"rows":'), rows, Buffer.from(`,${about.slice(1)}\n`)])
}
