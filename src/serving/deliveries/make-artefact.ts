import { join } from 'node:path'

import type { Delivery, DeliveryProgress } from '#catalog/deliveries.ts'
import { keepArtefact, noteProgress, takeArtefact, type Artefact } from '#catalog/delivery-tasks.ts'
import type { Lease } from '#catalog/queue.ts'
import type { Attempt } from '#factory/attempt.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { deliveryPath } from '#lake/file-path.ts'
import { reviveQuestion, type StoredQuestion } from '#serving/deliveries/stored-question.ts'
import type { DeliveryWorkParts } from '#serving/deliveries/work-parts.ts'
import type { Answer } from '#serving/answer.ts'
import type { RowFormat } from '#model/row-format.ts'
import type { Cells } from '#serving/question.ts'

const PROGRESS_EVERY_MS = 1_000

/**
 * The file of a delivery's answer: one that is whole already, or one that is written now. Written anew
 * from its first row after a crash: the bytes are the same, and nothing of a torn file is ever seen,
 * for it is known when it lies in the lake under a name of this attempt's own.
 */
export async function makeArtefact(
  parts: DeliveryWorkParts,
  own: Attempt,
  delivery: Delivery,
  lease: Lease,
): Promise<Artefact> {
  const { catalog, lake, log } = parts
  const { tenant, signal } = own
  const known = await catalog.asTenant(tenant, (session) =>
    takeArtefact(session, delivery.artefactId),
  )
  if (known) {
    try {
      await lake.verify(known, { signal })
      return known
    } catch (error) {
      if (!isDamage(error)) throw error
      log.warn('the file of a delivery is made again', { delivery: delivery.id, error })
    }
  }
  const answer = await askAgain(parts, own, delivery)
  const { format, cells, artefactId } = delivery
  const folder = await lake.staging(own.name)
  const path = join(folder, `answer.${format}`)
  own.log('info', `reading the answer with receipt ${delivery.receiptId}`)
  const onProgress = progressNoter(parts, own, delivery, lease)
  const written = await answer.write(
    {
      path,
      format: format as RowFormat,
      cells: cells as Cells,
      onProgress: (progress) => onProgress({ ...progress, step: 'reading' }),
    },
    signal,
  )
  signal.throwIfAborted()
  const place = deliveryPath(tenant, artefactId, lease.fence, format)
  const { sizeBytes, sha256, rows } = written
  await lake.adopt({ path, sizeBytes, sha256, rows }, place)
  const artefact = { path: place, sizeBytes, sha256, rows, columns: answer.columns }
  try {
    await catalog.asTenant(tenant, (session) => keepArtefact(session, lease, delivery, artefact))
  } catch (error) {
    // Nobody else has the name, for it holds the fencing number.
    if (toMillraceError(error).code === 'delivery-over') await lake.remove([place])
    throw error
  }
  own.log('info', `wrote ${rows} rows, ${sizeBytes} bytes`)
  return artefact
}

function isDamage(error: unknown): boolean {
  return (
    error instanceof MillraceError &&
    (error.code === 'file-damaged' || error.code === 'file-missing')
  )
}

/** The answer with the very receipt. Throws `delivery-question-gone` where there is no such one any more. */
export async function askAgain(
  parts: DeliveryWorkParts,
  { tenant, signal }: Pick<Attempt, 'tenant' | 'signal'>,
  delivery: Delivery,
): Promise<Answer> {
  const { id, access, question, commitNumber: commit, receiptId } = delivery
  const stored = question as StoredQuestion
  const asked = await reviveQuestion(parts, { tenant, delivery: id, commit }, stored)
  const answer = await parts.answers.ask({ tenant, access }, asked, signal)
  if (answer.receipt.id === receiptId) return answer
  const problem = `it has the receipt ${answer.receipt.id} now, in place of ${receiptId}`
  throw new MillraceError('delivery-question-gone', { delivery: id, problem })
}

/** Writes progress down once a second at most; whoever asks sees it that exact. */
export function progressNoter(
  { catalog, clock, log }: DeliveryWorkParts,
  { tenant, report }: Attempt,
  { id }: Delivery,
  lease: Lease,
): (progress: Omit<DeliveryProgress, 'at'>) => void {
  let nextMs = clock.monotonicMs() + PROGRESS_EVERY_MS
  let writing = false
  return (progress) => {
    report('write', progress.bytes)
    if (writing || clock.monotonicMs() < nextMs) return
    writing = true
    nextMs = clock.monotonicMs() + PROGRESS_EVERY_MS
    catalog
      .asTenant(tenant, (session) => noteProgress(session, id, lease, progress))
      .catch((error: unknown) => log.warn('noting the progress of a delivery', { error }))
      .finally(() => (writing = false))
  }
}
