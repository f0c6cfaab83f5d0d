import { z } from 'zod'

import { sweepLake } from '#factory/sweep-lake.ts'
import { defineOperation } from '#operations/operation.ts'

const swept = z.object({ files: z.int(), bytes: z.int() })

export const sweepOperation = defineOperation({
  name: 'maintenance.sweep',
  summary: 'Remove files of versions that nothing needs any more, and what stopped attempts left',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/maintenance/sweep' },
  input: z.strictObject({
    keepFormerDays: z
      .number()
      .min(0)
      .max(3650)
      .optional()
      .describe(
        'How long former versions stay, so that undo can bring them back; default: as each tenant says, else 30.',
      ),
  }),
  output: z.object({ versions: swept, orphans: swept }),
  handler({ keepFormerDays }, { parts }) {
    const keepFormerMs =
      keepFormerDays === undefined ? parts.limits.keepFormerMs : keepFormerDays * 86_400_000
    return sweepLake(parts, keepFormerMs, { everybody: keepFormerDays !== undefined })
  },
})
