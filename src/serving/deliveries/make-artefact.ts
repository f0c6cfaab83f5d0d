import type { Delivery, DeliveryProgress } from '#catalog/deliveries.ts'
import { keepArtefact, noteProgress, takeArtefact, type Artefact } from '#catalog/delivery-tasks.ts'
import type { Lease } from '#catalog/queue.ts'
import type { Attempt } from '#factory/attempt.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { deliveryPath } from '#lake/file-path.ts'
import type { StagedFile } from '#model/outcome.ts'
import { reviveQuestion, type StoredQuestion } from '#serving/deliveries/stored-question.ts'
import {
  answerPath,
  findWhole,
  madeOf,
  noteWhole,
  stagingOf,
} from '#serving/deliveries/whole-file.ts'
import type { DeliveryWorkParts } from '#serving/deliveries/work-parts.ts'
import type { Answer } from '#serving/answer.ts'
import type { RowFormat } from '#model/row-format.ts'
import type { Cells } from '#serving/question.ts'

const PROGRESS_EVERY_MS = 1_000

/**
 * The file of a delivery's answer: one that lies in the lake already; one that an attempt which died
 * had written whole, which is brought there; or one that is written now, from its first row. The bytes
 * are the same, and nothing of a torn file is ever seen, for it is known when it lies in the lake under
 * a name with an attempt's fencing number.
 */
export async function makeArtefact(
  parts: DeliveryWorkParts,
  own: Attempt,
  delivery: Delivery,
  lease: Lease,
): Promise<Artefact> {
  const { catalog, lake } = parts
  const { tenant } = own
  // Also where it is of no use: it goes with the folder of this attempt then.
  const { name, beginning } = stagingOf(delivery.id, lease.fence)
  const left = await lake.takeOverStaging(name, beginning)
  const known = await knownArtefact(parts, own, delivery)
  if (known) return known
  const answer = await askAgain(parts, own, delivery)
  const staged =
    (await leftBehind(parts, own, { delivery, answer, lease, folder: left })) ??
    (await writeAnswer(parts, own, { delivery, answer, lease }))
  const place = deliveryPath(tenant, delivery.artefactId, lease.fence, delivery.format)
  const { rows } = staged
  const { path, sizeBytes, sha256 } = await lake.adopt(staged, place, { resumable: true })
  const artefact = { path, sizeBytes, sha256, rows, columns: answer.columns }
  try {
    await catalog.asTenant(tenant, (session) => keepArtefact(session, lease, delivery, artefact))
  } catch (error) {
    // Nobody else has the name, for it holds a fencing number of this task.
    if (toMillraceError(error).code === 'delivery-over') await lake.remove([path])
    throw error
  }
  own.log('info', `wrote ${rows} rows, ${sizeBytes} bytes`)
  return artefact
}

async function knownArtefact(
  { catalog, lake, log }: DeliveryWorkParts,
  { tenant, signal }: Attempt,
  delivery: Delivery,
): Promise<Artefact | null> {
  const known = await catalog.asTenant(tenant, (session) =>
    takeArtefact(session, delivery.artefactId),
  )
  if (!known) return null
  try {
    await lake.verify(known, { signal })
    return known
  } catch (error) {
    if (!isDamage(error)) throw error
    log.warn('the file of a delivery is made again', { delivery: delivery.id, error })
    return null
  }
}

interface Making {
  readonly delivery: Delivery
  readonly answer: Answer
  readonly lease: Lease
}

async function leftBehind(
  parts: DeliveryWorkParts,
  own: Attempt,
  { delivery, answer, lease, folder }: Making & { readonly folder: string | null },
): Promise<StagedFile | null> {
  const whole = folder && (await findWhole(folder, delivery, madeOf(answer, delivery)))
  if (!whole) return null
  const { rows, sizeBytes } = whole
  own.log(
    'info',
    `an earlier attempt has left ${rows} rows, ${sizeBytes} bytes: they go on from here`,
  )
  own.report('write', sizeBytes)
  const progress = { step: 'reading', rows, bytes: sizeBytes } as const
  await parts.catalog.asTenant(own.tenant, (session) =>
    noteProgress(session, delivery.id, lease, progress),
  )
  own.signal.throwIfAborted()
  return whole
}

async function writeAnswer(
  parts: DeliveryWorkParts,
  own: Attempt,
  { delivery, answer, lease }: Making,
): Promise<StagedFile> {
  const { signal } = own
  const { format, cells, receiptId } = delivery
  const folder = await parts.lake.staging(stagingOf(delivery.id, lease.fence).name)
  const path = answerPath(folder, delivery)
  own.log('info', `reading the answer with receipt ${receiptId}`)
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
  const staged = { path, ...written }
  await noteWhole(folder, staged, madeOf(answer, delivery))
  return staged
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
