import type { QueryParameter } from '#engine/readers/query-job.ts'

/** Collects values for a statement: its text holds their places only. */
export interface Binder {
  /** The place of a value in the text, such as `$__asked_0`. */
  bind(type: string, value: string): string
  readonly parameters: Readonly<Record<string, QueryParameter>>
}

/** `space` tells the places of two binders of one statement apart. No author's parameter begins like that. */
export function createBinder(space: 'asked' | 'page' = 'asked'): Binder {
  const parameters: Record<string, QueryParameter> = {}
  let count = 0
  return {
    bind(type, value) {
      const name = `__${space}_${count++}`
      parameters[name] = { type, value }
      return `$${name}`
    },
    parameters,
  }
}
