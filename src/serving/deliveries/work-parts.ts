import type { Catalog } from '#catalog/catalog.ts'
import type { ActiveWorkBoard } from '#factory/active-work.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import type { Lake } from '#lake/lake.ts'
import type { Mailer } from '#mail/mailer.ts'
import type { Answers } from '#serving/answer.ts'
import type { Deliveries } from '#serving/deliveries/deliveries.ts'
import type { QuestionSources } from '#serving/deliveries/stored-question.ts'

/** What carries deliveries out, in one place. */
export interface DeliveryWorkParts extends QuestionSources {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly answers: Answers
  readonly deliveries: Deliveries
  readonly mailer: Mailer
  /** Where keys and members are. */
  readonly directory: Catalog
  readonly board: ActiveWorkBoard
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Largest file that is sent along with a mail. */
  readonly attachBytes: number
}
