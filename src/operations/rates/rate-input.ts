import { z } from 'zod'

import type { Rate } from '#catalog/rates.ts'
import { MillraceError } from '#kernel/errors.ts'

const PER_MINUTE_MAX = 60_000_000

export const rateFields = {
  perMinute: z
    .int()
    .min(1)
    .max(PER_MINUTE_MAX)
    .optional()
    .describe('Requests a minute in the long run; default: as for all others.'),
  burst: z
    .int()
    .min(1)
    .max(PER_MINUTE_MAX)
    .optional()
    .describe('Requests at once after a pause; default: those of ten seconds.'),
}

export const rateData = z.object({ perMinute: z.int(), burst: z.int() })

/** Null where no rate is given. Throws `input-invalid`. */
export function rateOf({
  perMinute,
  burst,
}: {
  readonly perMinute?: number | undefined
  readonly burst?: number | undefined
}): Rate | null {
  if (perMinute === undefined) {
    if (burst === undefined) return null
    throw new MillraceError('input-invalid', {
      path: 'burst',
      message: 'needs perMinute beside it',
    })
  }
  if (burst !== undefined && burst > perMinute * 60) {
    const message = `can be at most the requests of an hour, ${perMinute * 60}`
    throw new MillraceError('input-invalid', { path: 'burst', message })
  }
  return { perMinute, burst: burst ?? Math.ceil(perMinute / 6) }
}
