import { z } from 'zod'

import { loadTaskOrders } from '#catalog/background-tasks.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { claim, lanesOf } from '#catalog/queue.ts'
import { releaseTasks } from '#catalog/task-ends.ts'
import { tagName } from '#definitions/task-schema.ts'
import type { Clock } from '#kernel/clock.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { defineOperation } from '#operations/operation.ts'
import { leaseMsField } from '#operations/tasks/lease-fields.ts'
import { taskNameField } from '#tasks/task-request.ts'

/** How long a waiting request goes without a look, should a notice be missed. */
const LOOK_MS = 1_000

export const leaseTasks = defineOperation({
  name: 'tasks.lease',
  summary:
    'For workers of other services: take tasks to carry out, and wait for some if there are none',
  permission: 'run',
  // Traffic of machines; each task has a history of its own.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/tasks/lease' },
  input: z.strictObject({
    names: z
      .array(taskNameField)
      .min(1)
      .max(100)
      .describe('Names of tasks that the worker can do.'),
    max: z.int().min(1).max(256).default(1).describe('Most tasks at once.'),
    leaseMs: leaseMsField,
    waitMs: z.int().min(0).max(60_000).default(0).describe('Wait so long for a task.'),
    tags: z
      .array(tagName)
      .max(20)
      .default([])
      .describe('Tags of the worker: tasks that ask for others are left.'),
    worker: z.string().min(1).max(100).optional().describe('Its name, for the list of attempts.'),
  }),
  output: z.object({
    tasks: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        payload: z.unknown(),
        attempt: z.int(),
        /** Names this lease when the task is reported on. */
        fence: z.int(),
        /** The same in every attempt. */
        idempotencyKey: z.string(),
        leaseMs: z.number(),
        deadlineAt: z.iso.datetime().nullable(),
      }),
    ),
  }),
  async handler(input, { parts, caller, signal }) {
    const { catalog, clock } = parts
    const take = () =>
      catalog.asSystem((session) =>
        claim(session, {
          worker: input.worker ?? caller.name,
          leaseMs: input.leaseMs,
          maxTasks: input.max,
          lanes: lanesOf.pull([...new Set(input.names)]),
          tags: input.tags,
          tenantId: caller.tenant.id,
        }),
      )
    const claimed = await takeOrWait(catalog, clock, take, input.waitMs, signal)
    if (claimed.length === 0) return { tasks: [] }
    if (signal.aborted) await giveBack(catalog, caller.tenant, claimed)
    signal.throwIfAborted()
    const orders = await catalog.asTenant(caller.tenant, (session) =>
      loadTaskOrders(
        session,
        claimed.map(({ id }) => id),
      ),
    )
    return {
      tasks: claimed.map((task) => {
        const order = orders.get(task.id)
        return {
          id: task.partition,
          name: task.dataset,
          payload: parseExactJson(order?.payload ?? 'null'),
          attempt: task.attempt,
          fence: task.fence,
          idempotencyKey: order?.idempotencyKey ?? task.partition,
          leaseMs: input.leaseMs,
          deadlineAt: order?.deadlineAt?.toISOString() ?? null,
        }
      }),
    }
  },
})

async function takeOrWait(
  catalog: Catalog,
  clock: Clock,
  take: () => Promise<ClaimedTask[]>,
  waitMs: number,
  signal: AbortSignal,
): Promise<ClaimedTask[]> {
  const untilMs = clock.monotonicMs() + waitMs
  let wake = Promise.withResolvers<void>()
  const unsubscribe = catalog.onReady(() => wake.resolve())
  try {
    for (;;) {
      wake = Promise.withResolvers<void>()
      // Whoever has gone would never hear of what it got.
      signal.throwIfAborted()
      const claimed = await take()
      const leftMs = untilMs - clock.monotonicMs()
      if (claimed.length > 0 || leftMs <= 0) return claimed
      const over = new AbortController()
      const either = AbortSignal.any([signal, over.signal])
      await Promise.race([
        wake.promise,
        clock.sleep(Math.min(LOOK_MS, leftMs), either).catch(() => {}),
      ])
      over.abort()
    }
  } finally {
    unsubscribe()
  }
}

/** Whoever asked has gone meanwhile: they shall not wait for the end of a lease that nobody knows of. */
async function giveBack(
  catalog: Catalog,
  tenant: Tenant,
  claimed: readonly ClaimedTask[],
): Promise<void> {
  const leases = claimed.map(({ id, fence }) => ({ taskId: id, fence }))
  await catalog.asTenant(tenant, (session) => releaseTasks(session, '', leases))
}
