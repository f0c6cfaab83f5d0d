import type { z } from 'zod'

import type { Operation, StreamOutput } from '#operations/operation.ts'

/** An operation's answer as it looks after its way over the wire: plain data, instants as text. */
export type Answer<Output extends z.ZodType | 'stream'> = Output extends z.ZodType
  ? z.output<Output>
  : StreamOutput

/**
 * The way to the operations: a server somewhere, the server of this machine, or the parts in this
 * process. A command cannot tell them apart.
 */
export interface Door {
  /** Address of the server; null: the operations run in this process. */
  readonly address: string | null
  readonly tenant: string
  invoke<Input extends z.ZodObject, Output extends z.ZodType | 'stream'>(
    operation: Operation<Input, Output>,
    input: z.input<Input>,
    signal?: AbortSignal,
  ): Promise<Answer<Output>>
  close(): Promise<void>
}
