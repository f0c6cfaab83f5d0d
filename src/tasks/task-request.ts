import { z } from 'zod'

import { durationMs, retryPolicy, tagName } from '#definitions/task-schema.ts'

export const taskNameField = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'is no name: letters, digits, ".", "_" and "-"')
  .meta({ names: 'task-name' })

/** The fields of a task that somebody asks for; all of them but the name may be left out. */
export const taskRequestFields = {
  name: taskNameField.describe(
    'Which work: the name of a function, a registered address, or what a worker leases.',
  ),
  payload: z.unknown().optional().describe('Any JSON; null when it is left out.'),
  runAt: z.iso.datetime({ offset: true }).optional().describe('Not before this time.'),
  delay: durationMs
    .optional()
    .describe('Not before so long from now: milliseconds, or 30s, 10m, 2h.'),
  priority: z.int().min(-100).max(100).optional().describe('Higher first; default 0.'),
  timeout: durationMs.optional().describe('Longest attempt; default: as long as it takes.'),
  startWithin: durationMs
    .optional()
    .describe('Fails when nobody has begun it so long after it became due.'),
  retry: retryPolicy
    .optional()
    .describe(
      '{ attempts, firstMs, factor, ceilingMs }; default 5 attempts, 1 s × 4 up to 10 min.',
    ),
  concurrencyKey: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Tasks with the same key do not run at the same time.'),
  concurrencyLimit: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('How many with that key may; default 1.'),
  tags: z
    .array(tagName)
    .max(20)
    .optional()
    .describe('Only workers that have them all carry it out.'),
  class: z
    .enum(['normal', 'backfill'])
    .optional()
    .describe('backfill: only when nothing normal waits.'),
  callbackUrl: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .describe('Is told, signed, when the task has ended.'),
  idempotencyKey: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('The same key and request make one task, however often they are sent.'),
} as const

export const taskRequest = z.strictObject(taskRequestFields)
export type TaskRequest = z.output<typeof taskRequest>
