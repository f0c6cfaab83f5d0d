import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'

export type SourceOptions = Readonly<Record<string, unknown>>

/** The tenant's options of a source (location, region, …), secrets sealed; `{}` when none were set. */
export async function sourceOptions(
  session: TenantSession,
  dataset: string,
): Promise<SourceOptions> {
  const [row] = await session.query<{ options: SourceOptions }>(
    'SELECT options FROM source_option WHERE tenant_id = $1 AND dataset = $2',
    [session.tenant.id, dataset],
  )
  return row?.options ?? {}
}

/** Options of every source that has any. */
export async function allSourceOptions(
  session: TenantSession,
): Promise<Map<string, SourceOptions>> {
  const rows = await session.query<{ dataset: string; options: SourceOptions }>(
    'SELECT dataset, options FROM source_option WHERE tenant_id = $1 ORDER BY dataset',
    [session.tenant.id],
  )
  return new Map(rows.map(({ dataset, options }) => [dataset, options]))
}

/** Replaces them as a whole. */
export async function setSourceOptions(
  session: TenantSession,
  dataset: string,
  options: SourceOptions,
): Promise<void> {
  await session.query(
    `INSERT INTO source_option (tenant_id, dataset, options) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id, dataset) DO UPDATE SET options = excluded.options`,
    [session.tenant.id, dataset, toJson(options)],
  )
}
