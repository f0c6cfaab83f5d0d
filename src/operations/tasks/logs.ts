import { z } from 'zod'

import { listAttempts } from '#catalog/attempts.ts'
import { readLogs } from '#catalog/logs.ts'
import { getTask } from '#catalog/tasks.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { taskField, taskIdOf } from '#operations/tasks/task-id.ts'
import { taskData, toTaskData } from '#operations/tasks/task-data.ts'

export const taskLogs = defineOperation({
  name: 'tasks.logs',
  summary: 'A task with its attempts, their costs and their log lines',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/tasks/{task}/logs' },
  input: z.strictObject({
    task: z
      .union([z.int().min(1), taskField])
      .meta({ names: 'build' })
      .describe('The task, as runs and failures name it: its number, or `task_…`.'),
    limit: z.int().min(1).max(10_000).default(1000).describe('The last so many lines.'),
  }),
  output: z.object({
    task: taskData,
    attempts: z.array(
      z.object({
        number: z.int(),
        worker: z.string(),
        startedAt: z.iso.datetime(),
        endedAt: z.iso.datetime().nullable(),
        state: z.string(),
        error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }).nullable(),
        wallMs: z.number().nullable(),
        cpuMs: z.number().nullable(),
        peakMemoryBytes: z.number().nullable(),
      }),
    ),
    lines: z.array(
      z.object({
        attempt: z.int(),
        at: z.iso.datetime(),
        level: z.enum(['debug', 'info', 'warn', 'error']),
        message: z.string(),
      }),
    ),
  }),
  async handler({ task: asked, limit }, { parts, caller }) {
    const id = typeof asked === 'number' ? asked : taskIdOf(asked)
    const found = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const task = await getTask(session, id)
      if (!task) throw new MillraceError('task-unknown', { task: id })
      return {
        task,
        attempts: await listAttempts(session, id),
        lines: await readLogs(session, id, { limit }),
      }
    })
    return {
      task: toTaskData(found.task),
      attempts: found.attempts.map(({ error, cost, ...attempt }) => ({
        number: attempt.number,
        worker: attempt.worker,
        startedAt: attempt.startedAt.toISOString(),
        endedAt: attempt.endedAt?.toISOString() ?? null,
        state: attempt.state,
        error: error && { code: error.code, message: error.message, remedy: error.remedy },
        wallMs: cost?.wallMs ?? null,
        cpuMs: cost?.cpuMs ?? null,
        peakMemoryBytes: cost?.peakMemoryBytes ?? null,
      })),
      lines: found.lines.map(({ attempt, at, level, message }) => ({
        attempt,
        at: at.toISOString(),
        level,
        message,
      })),
    }
  },
})
