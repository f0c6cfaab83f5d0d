import { z } from 'zod'

import { getBackgroundTask } from '#catalog/background-tasks.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'

export const changedTasks = z.object({
  /** How many were changed; at 10,000 there may be more. */
  tasks: z.int(),
})

/** Says why a task could not be retried or discarded. */
export async function refuseUnlessFailed(
  session: TenantSession,
  id: number,
  task: string,
  verb: 'retried' | 'discarded',
): Promise<never> {
  const found = await getBackgroundTask(session, id)
  if (!found) throw new MillraceError('background-task-unknown', { task })
  throw new MillraceError('task-not-ended-badly', { task, state: found.state, verb })
}
