/** When and how often a background task is tried again. */
export interface RetryPolicy {
  /** Attempts before it fails for good; default {@link STANDARD_ATTEMPTS}. */
  readonly attempts?: number | undefined
  /** Before the second attempt, at most; each further one waits `factor` times as long. */
  readonly firstMs?: number | undefined
  readonly factor?: number | undefined
  readonly ceilingMs?: number | undefined
}

export const STANDARD_ATTEMPTS = 5
export const standardRetry = { firstMs: 1_000, factor: 4, ceilingMs: 600_000 } as const

/** A function of a pack that carries out the background tasks of one name. */
export interface TaskDefinition {
  readonly name: string
  readonly pack: string
  readonly description: string
  /** The file that holds it, relative to the pack's folder. */
  readonly file: string
  /** Identity of the bundled code. 64 hexadecimal digits. */
  readonly codeVersion: string
  /** The module with everything that it imports but `millrace` and `node:`. */
  readonly code: string
  /** JSON Schema of the payload; null: any JSON will do. */
  readonly payloadSchema: Readonly<Record<string, unknown>> | null
  /** What a request may leave out. */
  readonly timeoutMs?: number | undefined
  readonly retry?: RetryPolicy | undefined
  readonly tags: readonly string[]
}
