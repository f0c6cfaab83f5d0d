import { z } from 'zod'

import { hasParse } from '#definitions/task-declaration.ts'
import { parseDuration } from '#kernel/duration.ts'

const LONGEST_MS = 366 * 86_400_000

/** A duration as numbers or text, in milliseconds. */
export const durationMs = z
  .union([z.number(), z.string()], 'is milliseconds, or text such as 30s, 10m or 2h')
  .transform((written, context) => {
    const ms = typeof written === 'number' ? written : parseDuration(written)
    if (ms !== null && ms > 0 && ms <= LONGEST_MS) return ms
    context.addIssue(`"${written}" is not a duration such as 30s, 10m or 2h, of a year at most`)
    return z.NEVER
  })

export const retryPolicy = z.strictObject({
  attempts: z.int().min(1).max(1_000).optional(),
  firstMs: z.number().min(0).max(86_400_000).optional(),
  factor: z.number().min(1).max(100).optional(),
  ceilingMs: z.number().min(0).max(604_800_000).optional(),
})

export const tagName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'is not a tag such as gpu')

export const taskSchema = z.strictObject({
  kind: z.literal('task'),
  description: z.string().trim().min(1),
  payload: z
    .record(z.string(), z.unknown())
    .or(z.custom((value) => hasParse(value)))
    .optional(),
  timeout: durationMs.optional(),
  retry: retryPolicy.optional(),
  tags: z.array(tagName).max(20).optional(),
  run: z.custom<(payload: unknown, context: unknown) => unknown>(
    (value) => typeof value === 'function',
    'run is a function',
  ),
})
