import { z } from 'zod'

/** Which page of the tenant's keys, newest first. */
export const keyPageFields = {
  onlyWorking: z
    .boolean()
    .default(false)
    .describe('Without those that were revoked or have expired.'),
  after: z
    .string()
    .min(1)
    .max(100)
    .meta({ names: 'key' })
    .optional()
    .describe('Only keys that are older than this one: `next` of the former page.'),
  limit: z.int().min(1).max(1000).default(100).describe('Most keys of the answer.'),
}
