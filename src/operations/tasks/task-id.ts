import { z } from 'zod'

import { parseTaskId } from '#catalog/background-ids.ts'
import { MillraceError } from '#kernel/errors.ts'

export const taskField = z
  .string()
  .min(1)
  .max(40)
  .meta({ names: 'task' })
  .describe('The task: `task_…`, as the answer to its post names it.')

/** Throws `background-task-unknown` for what cannot be one. */
export function taskIdOf(text: string): number {
  const id = parseTaskId(text)
  if (id === null) throw new MillraceError('background-task-unknown', { task: text })
  return id
}
