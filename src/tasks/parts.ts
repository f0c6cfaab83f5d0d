import type { Catalog } from '#catalog/catalog.ts'
import type { Egress } from '#egress/egress.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import type { TaskDefinition } from '#model/task-definition.ts'
import type { Secrets } from '#secrets/secrets.ts'

/** What carries background tasks out. */
export interface TaskParts {
  readonly catalog: Catalog
  readonly egress: Egress
  /** Opens what signs calls and callbacks. */
  readonly secrets: Secrets
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** The deployed function of that name; asked for each batch, so that a new deployment counts at once. */
  definition(name: string): TaskDefinition | undefined
}
