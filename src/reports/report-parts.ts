import type { Catalog } from '#catalog/catalog.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import type { Answers } from '#serving/answer.ts'
import type { Deliveries } from '#serving/deliveries/deliveries.ts'
import type { QuestionSources } from '#serving/deliveries/stored-question.ts'

/** What carries reports out, in one place. */
export interface ReportParts extends QuestionSources {
  readonly catalog: Catalog
  readonly answers: Answers
  readonly deliveries: Deliveries
  /** Where keys and members are. */
  readonly directory: Catalog
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}
