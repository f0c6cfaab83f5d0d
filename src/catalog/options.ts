import type { TenantSession } from '#catalog/session.ts'

export type SourceOptions = Readonly<Record<string, unknown>>

/** The tenant's options of a source (location, region, anonymous, …); `{}` when none were set. */
export async function sourceOptions(
  _session: TenantSession,
  _dataset: string,
): Promise<SourceOptions> {
  throw new Error('to be written')
}

/** Options of every source that has any. */
export async function allSourceOptions(
  _session: TenantSession,
): Promise<Map<string, SourceOptions>> {
  throw new Error('to be written')
}

/** Replaces them as a whole. */
export async function setSourceOptions(
  _session: TenantSession,
  _dataset: string,
  _options: SourceOptions,
): Promise<void> {
  throw new Error('to be written')
}
