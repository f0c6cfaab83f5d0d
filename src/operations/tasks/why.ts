import { z } from 'zod'

import { whyTask } from '#catalog/why.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { taskField, taskIdOf } from '#operations/tasks/task-id.ts'
import { whySentence } from '#operations/tasks/why-sentence.ts'

export const whyTaskOperation = defineOperation({
  name: 'tasks.why',
  summary: 'Why a task waits, or what became of it, in one sentence',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/tasks/{task}/why' },
  input: z.strictObject({
    task: z
      .union([z.int().min(1), taskField])
      .describe('The task, as runs and failures name it: its number, or `task_…`.'),
  }),
  output: z.object({
    reason: z.string(),
    sentence: z.string(),
    /** What the sentence is made of; fields differ by reason. */
    facts: z.record(z.string(), z.unknown()),
  }),
  async handler({ task }, { parts, caller }) {
    const id = typeof task === 'number' ? task : /^\d+$/.test(task) ? Number(task) : taskIdOf(task)
    const why = await parts.catalog.asSystem((session) => whyTask(session, caller.tenant.id, id))
    if (why === null) throw new MillraceError('task-unknown', { task })
    const { reason, ...facts } = why
    return { reason, sentence: `${whySentence(why, parts.clock.now())}.`, facts }
  },
})
