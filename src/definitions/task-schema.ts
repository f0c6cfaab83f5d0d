import { z } from 'zod'

import { hasParse } from '#definitions/task-declaration.ts'
import { parseDuration } from '#kernel/duration.ts'

/** A duration as numbers or text, in milliseconds. */
export const durationMs = z.union([
  z.number().positive().max(31_536_000_000),
  z.string().transform((text, context) => {
    const ms = parseDuration(text)
    if (ms !== null && ms > 0 && ms <= 31_536_000_000) return ms
    context.addIssue(`"${text}" is not a duration such as 30s, 10m or 2h`)
    return z.NEVER
  }),
])

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
