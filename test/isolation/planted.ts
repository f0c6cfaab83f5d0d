import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Caller, Identity, Operation } from '#operations/operation.ts'

/** Leaks as they happen: each takes the operations and gives them back with a hole. */
export const planted: Readonly<
  Record<string, (operations: readonly Operation[], theirs: Tenant) => readonly Operation[]>
> = {
  'a list that forgets the tenant': (operations, theirs) =>
    replace(operations, 'keys.list', (list) => async (input, context) => {
      const own = (await list.handler(input, context)) as { keys: unknown[] }
      const foreign = await list.handler(input, { ...context, caller: as(context.caller, theirs) })
      return { ...own, keys: [...own.keys, ...(foreign as { keys: unknown[] }).keys] }
    }),
  'a cache whose key is not the tenant': (operations) => {
    const answers = new Map<string, unknown>()
    return replace(operations, 'runs.list', (list) => async (input, context) => {
      const key = JSON.stringify(input)
      const known = answers.get(key) ?? (await list.handler(input, context))
      answers.set(key, known)
      return known
    })
  },
  'an error that names what there is': (operations, theirs) =>
    replace(operations, 'schedules.show', (show) => async (input, context) => {
      try {
        return await show.handler(input, context)
      } catch (error) {
        const message = `${(error as Error).message}; there is one of ${theirs.slug}`
        throw new MillraceError('input-invalid', { path: 'name', message })
      }
    }),
  'an id that is looked up without the tenant': (operations, theirs) =>
    replace(operations, 'runs.get', (get) => async (input, context) => {
      try {
        return await get.handler(input, context)
      } catch {
        return get.handler(input, { ...context, caller: as(context.caller, theirs) })
      }
    }),
  'a foreign id that is refused in other words': (operations, theirs) =>
    replace(operations, 'tasks.show', (show) => async (input, context) => {
      try {
        return await show.handler(input, context)
      } catch (error) {
        const isThere = await show
          .handler(input, { ...context, caller: as(context.caller, theirs) })
          .then(
            () => true,
            () => false,
          )
        if (!isThere) throw error
        throw new MillraceError('forbidden', {
          operation: 'this task',
          permission: 'read',
          caller: 'x',
        })
      }
    }),
  'a change that reaches the other tenant': (operations, theirs) =>
    replace(operations, 'queue.pause', (pause) => async (input, context) => {
      await pause.handler(
        { reason: 'everybody', all: false },
        { ...context, caller: as(context.caller, theirs) },
      )
      return pause.handler(input, context)
    }),
}

function replace(
  operations: readonly Operation[],
  name: string,
  handlerOf: (operation: Operation) => Operation['handler'],
): Operation[] {
  if (!operations.some((operation) => operation.name === name)) throw new Error(`no ${name}`)
  return operations.map((operation) =>
    operation.name === name ? { ...operation, handler: handlerOf(operation) } : operation,
  )
}

/** The caller with all rights, in the other tenant: what a hole amounts to. */
function as(caller: Identity, tenant: Tenant): Caller {
  return { ...(caller as Caller), tenant }
}
