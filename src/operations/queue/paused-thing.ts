import { z } from 'zod'

import type { SetBy } from '#catalog/limits.ts'
import type { PausedThing } from '#catalog/pauses.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Caller } from '#operations/operation.ts'

/** What is paused: one of these, or everything of the tenant if none is named. */
export const pausedFields = {
  dataset: name('dataset', 'Only this dataset, or background tasks of this name.'),
  run: name('run', 'Only this run.'),
  backfill: name('backfill', 'Only this backfill.'),
  all: z.boolean().default(false).describe('Of all tenants; for operators.'),
}

function name(names: string, description: string) {
  return z.string().min(1).max(200).optional().meta({ names }).describe(description)
}

interface PausedInput {
  readonly dataset?: string | undefined
  readonly run?: string | undefined
  readonly backfill?: string | undefined
  readonly all: boolean
}

/** Throws `input-invalid`, and `forbidden` where only an operator may. */
export function pausedThingOf(
  operation: string,
  input: PausedInput,
  caller: Caller,
): PausedThing & { readonly everywhere: boolean; readonly by: SetBy } {
  const named = (['dataset', 'run', 'backfill'] as const).filter((scope) => input[scope])
  if (named.length > 1) {
    const message = 'name one of dataset, run and backfill, or none'
    throw new MillraceError('input-invalid', { path: named.join(', '), message })
  }
  const operator = caller.permissions.has('operator')
  if (input.all && !operator) {
    throw new MillraceError('forbidden', { operation, permission: 'operator', caller: caller.name })
  }
  const by = operator ? 'operator' : 'tenant'
  const [scope] = named
  if (scope) return { scope, value: input[scope] ?? '', everywhere: input.all, by }
  return { scope: input.all ? 'all' : 'tenant', value: '', everywhere: input.all, by }
}
