import { z } from 'zod'

import type { Task } from '#model/run.ts'

export const taskStates = [
  'waiting',
  'ready',
  'running',
  'done',
  'unchanged',
  'held',
  'failed',
  'skipped',
  'cancelled',
] as const

export const taskData = z
  .object({
    id: z.int(),
    runId: z.string(),
    kind: z.enum(['build', 'expand', 'background', 'trigger', 'delivery']),
    dataset: z.string(),
    partition: z.string(),
    state: z.enum(taskStates),
    conditional: z.boolean(),
    forced: z.boolean(),
    reason: z.string(),
    attempts: z.int(),
    startedAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
    error: z.string().nullable(),
    rows: z.int().nullable(),
  })
  .meta({ entity: 'Task' })
export type TaskData = z.output<typeof taskData>

export function toTaskData(task: Task): TaskData {
  return {
    ...task,
    startedAt: task.startedAt?.toISOString() ?? null,
    endedAt: task.endedAt?.toISOString() ?? null,
  }
}
