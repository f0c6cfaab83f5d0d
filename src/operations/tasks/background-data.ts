import { z } from 'zod'

import { taskName } from '#catalog/background-ids.ts'
import type { BackgroundTask } from '#catalog/background-tasks.ts'
import type { ErrorData } from '#kernel/errors.ts'
import { taskStates } from '#operations/tasks/task-data.ts'

const instant = z.iso.datetime().nullable()
export const errorData = z.object({ code: z.string(), message: z.string(), remedy: z.string() })

export function toErrorSummary(error: ErrorData | null): z.input<typeof errorData> | null {
  return error && { code: error.code, message: error.message, remedy: error.remedy }
}

/** A background task in lists. */
export const backgroundTaskData = z
  .object({
    id: z.string(),
    name: z.string(),
    /** `ready` with a `runAt`: it waits for its time. */
    state: z.enum(taskStates),
    handler: z.enum(['factory', 'code', 'call', 'pull', 'delivery']),
    attempts: z.int(),
    maxAttempts: z.int(),
    priority: z.int(),
    class: z.enum(['normal', 'backfill']),
    tags: z.array(z.string()),
    concurrencyKey: z.string().nullable(),
    idempotencyKey: z.string().nullable(),
    createdAt: z.iso.datetime(),
    runAt: instant,
    startedAt: instant,
    endedAt: instant,
    progress: z
      .object({
        done: z.number().optional(),
        total: z.number().optional(),
        message: z.string().optional(),
        at: z.string(),
      })
      .nullable(),
    error: errorData.nullable(),
  })
  .meta({ entity: 'BackgroundTask' })

export function toBackgroundTaskData(task: BackgroundTask): z.input<typeof backgroundTaskData> {
  return {
    id: taskName(task.id),
    name: task.name,
    state: task.state,
    handler: task.handler,
    attempts: task.attempts,
    maxAttempts: task.maxAttempts,
    priority: task.priority,
    class: task.class,
    tags: [...task.tags],
    concurrencyKey: task.concurrencyKey,
    idempotencyKey: task.idempotencyKey,
    createdAt: task.createdAt.toISOString(),
    runAt: task.runAt?.toISOString() ?? null,
    startedAt: task.startedAt?.toISOString() ?? null,
    endedAt: task.endedAt?.toISOString() ?? null,
    progress: task.progress,
    error: toErrorSummary(task.error),
  }
}
