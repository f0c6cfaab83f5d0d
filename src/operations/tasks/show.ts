import { z } from 'zod'

import { listAttempts } from '#catalog/attempts.ts'
import {
  getBackgroundTask,
  tasksAhead,
  type BackgroundTaskDetails,
} from '#catalog/background-tasks.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  backgroundTaskData,
  errorData,
  toBackgroundTaskData,
  toErrorSummary,
} from '#operations/tasks/background-data.ts'
import { taskField, taskIdOf } from '#operations/tasks/task-id.ts'

const AHEAD_MAX = 1_000

export const showTask = defineOperation({
  name: 'tasks.show',
  summary: 'A background task: state, progress, attempts and result; waits for its end if asked',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/tasks/{task}' },
  input: z.strictObject({
    task: taskField,
    waitMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(0)
      .describe('Answer when it has ended, or after so long.'),
  }),
  output: backgroundTaskData.extend({
    payload: z.unknown(),
    result: z.unknown(),
    askedBy: z.string(),
    timeoutMs: z.number().nullable(),
    deadlineAt: z.iso.datetime().nullable(),
    startBefore: z.iso.datetime().nullable(),
    cancelRequested: z.boolean(),
    /** Ready tasks of the same kind that come first; null: it does not wait for its turn. */
    ahead: z.object({ tasks: z.int(), more: z.boolean() }).nullable(),
    attempted: z.array(
      z.object({
        number: z.int(),
        worker: z.string(),
        state: z.string(),
        startedAt: z.iso.datetime(),
        endedAt: z.iso.datetime().nullable(),
        error: errorData.nullable(),
      }),
    ),
    callback: z
      .object({
        url: z.string(),
        state: z.enum(['not-due', 'waiting', 'delivered', 'given-up']),
        attempts: z.int(),
        nextAt: z.string().nullable(),
        error: z.string().nullable(),
      })
      .nullable(),
  }),
  async handler({ task: asked, waitMs }, { parts, caller, signal }) {
    const id = taskIdOf(asked)
    const find = async () => {
      const found = await parts.catalog.asTenant(caller.tenant, (session) =>
        getBackgroundTask(session, id),
      )
      if (!found) throw new MillraceError('background-task-unknown', { task: asked })
      return found
    }
    const task = await untilEnded(parts.clock, find, waitMs, signal)
    const { attempts, ahead } = await parts.catalog.asTenant(caller.tenant, async (session) => ({
      attempts: await listAttempts(session, id),
      ahead: task.state === 'ready' ? await tasksAhead(session, id, AHEAD_MAX) : null,
    }))
    return {
      ...toBackgroundTaskData(task),
      payload: parseExactJson(task.payload),
      result: task.result === null ? null : parseExactJson(task.result),
      askedBy: task.askedBy,
      timeoutMs: task.timeoutMs,
      deadlineAt: task.deadlineAt?.toISOString() ?? null,
      startBefore: task.attempts === 0 ? (task.startBefore?.toISOString() ?? null) : null,
      cancelRequested: task.isCancelRequested,
      ahead: ahead === null ? null : { tasks: ahead, more: ahead === AHEAD_MAX },
      attempted: attempts.map((attempt) => ({
        number: attempt.number,
        worker: attempt.worker,
        state: attempt.state,
        startedAt: attempt.startedAt.toISOString(),
        endedAt: attempt.endedAt?.toISOString() ?? null,
        error: toErrorSummary(attempt.error),
      })),
      callback:
        task.callbackUrl === null
          ? null
          : {
              url: task.callbackUrl,
              ...(task.callback ?? { state: 'not-due', attempts: 0, nextAt: null, error: null }),
            },
    }
  },
})

/** Looks often at first, for most tasks are short, then four times a second. */
async function untilEnded(
  clock: Clock,
  find: () => Promise<BackgroundTaskDetails>,
  waitMs: number,
  signal: AbortSignal,
): Promise<BackgroundTaskDetails> {
  const untilMs = clock.monotonicMs() + waitMs
  for (let pauseMs = 5; ; pauseMs = Math.min(250, pauseMs * 1.5)) {
    const task = await find()
    const leftMs = untilMs - clock.monotonicMs()
    if (task.endedAt !== null || leftMs <= 0) return task
    await clock.sleep(Math.min(pauseMs, leftMs), signal)
  }
}
