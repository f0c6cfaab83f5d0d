import { z } from 'zod'

export const DEFAULT_WEIGHT = 100

export const weightField = z
  .int()
  .min(1)
  .max(10_000)
  .describe(
    `Share of the slots while others want them, too: 200 is twice as much as ${DEFAULT_WEIGHT}, the default.`,
  )
