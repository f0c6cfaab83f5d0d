import { createHash } from 'node:crypto'

import { MillraceError } from '#kernel/errors.ts'
import type { Answer } from '#serving/answer.ts'

export interface SeenRows {
  readonly rows: number
  /** Equal for equal rows where one request can answer them, else for the same versions. */
  readonly fingerprint: string
}

export async function seenRows(answer: Answer, signal: AbortSignal): Promise<SeenRows> {
  try {
    const whole = await answer.whole('ndjson', 'raw', signal)
    const hash = createHash('sha256')
    if (whole.bytes) hash.update(whole.bytes)
    else for await (const chunk of await whole.open()) hash.update(chunk as Buffer)
    return { rows: whole.rows, fingerprint: `rows ${hash.digest('hex')}` }
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'rows-too-many') throw error
    return { rows: await answer.total(signal), fingerprint: `receipt ${answer.receipt.id}` }
  }
}
