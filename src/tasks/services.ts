import type { TaskDefinition } from '#model/task-definition.ts'

/** What operations need of the parts that carry tasks out. */
export interface TaskServices {
  /** The deployed function of that name. */
  definition(name: string): TaskDefinition | undefined
  /** Lets the workers of this process look at their leases now, so that a cancel reaches them at once. */
  checkLeases(): Promise<void>
}
