import type { TenantSession } from '#catalog/session.ts'

export interface LogLine {
  readonly taskId: number
  readonly attempt: number
  readonly at: Date
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
}

export async function appendLogs(
  _session: TenantSession,
  _lines: readonly LogLine[],
): Promise<void> {
  throw new Error('to be written')
}

/** In the order of writing; the last `limit` lines. */
export async function readLogs(
  _session: TenantSession,
  _taskId: number,
  _options: { readonly limit: number },
): Promise<LogLine[]> {
  throw new Error('to be written')
}
