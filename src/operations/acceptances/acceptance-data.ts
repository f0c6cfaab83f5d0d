import { z } from 'zod'

import type { Acceptance } from '#catalog/accepted.ts'

export const acceptanceData = z.object({
  dataset: z.string(),
  /** Code versions: what was built with the first counts as built with the second. */
  from: z.string(),
  to: z.string(),
  why: z.string(),
  by: z.string(),
  at: z.iso.datetime(),
})

export function toAcceptanceData(acceptance: Acceptance): z.output<typeof acceptanceData> {
  const { dataset, fromCode, toCode, why, acceptedBy, acceptedAt } = acceptance
  return {
    dataset,
    from: fromCode,
    to: toCode,
    why,
    by: acceptedBy,
    at: acceptedAt.toISOString(),
  }
}

export const codeField = z
  .string()
  .regex(/^[0-9a-f]{4,64}$/, 'is no beginning of a code version: at least four of its digits')
