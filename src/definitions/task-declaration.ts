import type { RetryPolicy } from '#model/task-definition.ts'

/** What tells whether a payload is usable: a zod schema, or JSON Schema as plain data. */
export type PayloadSchema<Payload> =
  | { parse(value: unknown): Payload }
  | Readonly<Record<string, unknown>>

/**
 * A background task; its name is the name of the file. `run` is called in a process of its own, at
 * least once for each task that is posted: what it does outside of Millrace must bear a second time.
 */
export interface TaskDeclaration<Context = never, Payload = never> {
  readonly description: string
  /** Objects are closed: a key that the schema does not name is refused. Default: any JSON. */
  readonly payload?: PayloadSchema<Payload>
  /** Longest attempt, in milliseconds or as text: `90s`, `10m`, `6h`. Default: as long as it takes. */
  readonly timeout?: number | string
  readonly retry?: RetryPolicy
  /** Only workers that have them all carry it out. */
  readonly tags?: readonly string[]
  /** What it returns is the task's result: JSON, or nothing. */
  run(payload: Payload, context: Context): unknown
}

export function hasParse(value: unknown): value is { parse(value: unknown): unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'parse' in value &&
    typeof value.parse === 'function'
  )
}

export function declareTask<Context, Payload>(
  declaration: TaskDeclaration<Context, Payload>,
): TaskDeclaration<Context, Payload> & { readonly kind: 'task' } {
  return { kind: 'task', ...declaration }
}
