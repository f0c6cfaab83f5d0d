import { z } from 'zod'

import type { TargetWish } from '#model/delivery.ts'

/** Where a delivery or a report goes, in the words in which `target` and `targetOptions` were given. */
export const placeFields = {
  /** Name of the saved target; null: a file that is kept here. */
  targetName: z.string().nullable(),
  /** What the target was told for this one: table, mode, key, location. */
  targetOptions: z.record(z.string(), z.unknown()),
} as const

export function placeOf(wish: TargetWish | null): z.output<z.ZodObject<typeof placeFields>> {
  const { target, options } = (wish ?? {}) as {
    readonly target?: string
    readonly options?: object
  }
  return { targetName: target ?? null, targetOptions: { ...options } }
}
