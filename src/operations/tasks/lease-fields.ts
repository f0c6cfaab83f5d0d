import { z } from 'zod'

import { leaseState, type LeaseState } from '#catalog/background-ends.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { taskField } from '#operations/tasks/task-id.ts'

export const leaseMsField = z
  .int()
  .min(2_000)
  .max(86_400_000)
  .default(60_000)
  .describe('Without a heartbeat for so long, the task is given to somebody else.')

/** What names a lease in every report on a task. */
export const leaseFields = {
  task: taskField,
  fence: z.int().min(1).describe('Number of the lease, as it was handed out.'),
} as const

/** Throws `background-task-unknown`, and `lease-lost` when the lease is another's by now. */
export async function assertLease(
  session: TenantSession,
  task: string,
  id: number,
  fence: number,
): Promise<LeaseState> {
  const lease = await leaseState(session, id)
  if (!lease) throw new MillraceError('background-task-unknown', { task })
  if (lease.fence === fence) return lease
  throw new MillraceError('lease-lost', { tasks: `task ${task}` })
}
