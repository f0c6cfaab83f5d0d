import type { PlanRequest } from '#model/plan.ts'
import type { TaskRequest } from '#tasks/task-request.ts'

/** A schedule as it is stored. */
export interface ScheduleDefinition {
  readonly cron: string
  /** IANA name; the cron expression and the periods of `starts` speak of its wall. */
  readonly zone: string
  /** What happens when a former firing's work has not ended: nothing, wait for it, or end it. */
  readonly overlap: 'skip' | 'queue' | 'cancel-other'
  /** Which due times are made up for that came while no scheduler ran. */
  readonly catchUp: 'none' | 'last' | 'all'
  /** Of `all` the newest so many. */
  readonly catchUpMost: number
  /** Each schedule fires by its own part of this later, always the same. */
  readonly jitterMs: number
  readonly starts: ScheduledRun | ScheduledTasks
}

export interface ScheduledRun extends Pick<
  PlanRequest,
  'datasets' | 'mode' | 'only' | 'upstream' | 'downstream' | 'order'
> {
  readonly kind: 'run'
  /** As people write partitions, with `{month-1}` and the like (see due-text.ts); null: all. */
  readonly partition: string | null
}

export interface ScheduledTasks {
  readonly kind: 'tasks'
  /** Texts within payloads may hold `{due}`, `{day-1}` and the like. */
  readonly tasks: readonly TaskRequest[]
}

/** Names of trigger tasks: what carries them out. */
export const triggerTasks = {
  schedule: '(schedule)',
  sensor: '(sensor)',
  backfill: '(backfill)',
  append: '(append)',
} as const
