import { z } from 'zod'

import { taskName } from '#catalog/background-ids.ts'
import { postTasks } from '#catalog/background-post.ts'
import { getBackgroundTasks } from '#catalog/background-tasks.ts'
import { MillraceError } from '#kernel/errors.ts'
import { ensureCallbackSecret } from '#operations/callbacks/ensure-secret.ts'
import { defineOperation } from '#operations/operation.ts'
import { taskStates } from '#operations/tasks/task-data.ts'
import { prepareTasks } from '#tasks/prepare-tasks.ts'
import { taskRequest, taskRequestFields, type TaskRequest } from '#tasks/task-request.ts'

const posted = z.object({
  id: z.string(),
  state: z.enum(taskStates),
  /** True: an earlier request with the same idempotency key has made it. */
  existed: z.boolean(),
  links: z.object({ self: z.string() }),
})

const { name, ...rest } = taskRequestFields

export const postTasksOperation = defineOperation({
  name: 'tasks.post',
  summary: 'Hand over slow work: one background task, or up to 10,000 of them, all or none',
  permission: 'run',
  // Traffic of machines; each task has a history of its own.
  audit: 'none',
  rest: {
    method: 'POST',
    path: '/v1/tasks',
    headers: { idempotencyKey: 'idempotency-key' },
    arrayField: 'tasks',
    bodyBytesMax: 32_000_000,
  },
  input: z.strictObject({
    name: name.optional(),
    ...rest,
    tasks: z
      .array(taskRequest)
      .min(1)
      .max(10_000)
      .optional()
      .describe('Many at once, each with these fields; no other field stands beside them.'),
  }),
  output: z.union([posted, z.object({ tasks: z.array(posted) })]),
  async handler(input, { parts, caller }) {
    const { catalog, egress, tasks: services } = parts
    const requests = requestsOf(input)
    const at = (position: number) => (input.tasks ? `tasks.${position}` : '')
    const definition = (asked: string) => services.definition(asked)
    const items = await prepareTasks(
      { catalog, egress, definition },
      caller.tenant,
      requests,
      caller.name,
      at,
    )
    const answers = await catalog.asTenant(caller.tenant, async (session) => {
      const made = await postTasks(session, items)
      if (items.some(({ callbackUrl }) => callbackUrl !== undefined)) {
        await ensureCallbackSecret(session, parts)
      }
      const former = made.filter(({ isNew }) => !isNew).map(({ id }) => id)
      const known = former.length === 0 ? [] : await getBackgroundTasks(session, former)
      const states = new Map(known.map(({ id, state }) => [id, state]))
      return made.map(({ id, isNew }) => ({
        id: taskName(id),
        state: states.get(id) ?? ('ready' as const),
        existed: !isNew,
        links: { self: `/v1/tasks/${taskName(id)}` },
      }))
    })
    const [first] = answers
    return input.tasks || !first ? { tasks: answers } : first
  },
})

/** One task, or many: then a key for the whole call makes one for each place in the list. */
type Asked = {
  readonly [Field in keyof TaskRequest]?: TaskRequest[Field] | undefined
} & { readonly tasks?: readonly TaskRequest[] | undefined }

function requestsOf(input: Asked): readonly TaskRequest[] {
  const { tasks, idempotencyKey, ...single } = input
  if (!tasks) {
    if (input.name === undefined) {
      throw new MillraceError('input-invalid', { path: 'name', message: 'is needed' })
    }
    return [{ ...single, name: input.name, idempotencyKey }]
  }
  const [beside] = Object.entries(single).filter(([, value]) => value !== undefined)
  if (beside) {
    const message = 'belongs into each of the tasks'
    throw new MillraceError('input-invalid', { path: beside[0], message })
  }
  if (idempotencyKey === undefined) return tasks
  return tasks.map((task, position) => ({
    ...task,
    idempotencyKey: task.idempotencyKey ?? `${idempotencyKey}/${position}`,
  }))
}
