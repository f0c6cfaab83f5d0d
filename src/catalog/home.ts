import type { TenantSession } from '#catalog/session.ts'
import type { FigureWish } from '#model/home-figure.ts'

export interface ChosenFigures {
  readonly figures: readonly FigureWish[]
  readonly changedBy: string
  readonly changedAt: Date
}

/** Null: nobody has chosen any. */
export async function chosenFigures(session: TenantSession): Promise<ChosenFigures | null> {
  const [row] = await session.query<ChosenFigures>(
    `SELECT figures, changed_by AS "changedBy", changed_at AS "changedAt"
     FROM home_figures WHERE tenant_id = $1`,
    [session.tenant.id],
  )
  return row ?? null
}

/** Null: none are chosen any more. */
export async function chooseFigures(
  session: TenantSession,
  figures: readonly FigureWish[] | null,
  by: string,
): Promise<void> {
  const { id } = session.tenant
  if (figures === null) {
    await session.query('DELETE FROM home_figures WHERE tenant_id = $1', [id])
    return
  }
  await session.query(
    `INSERT INTO home_figures (tenant_id, figures, changed_by) VALUES ($1, $2, $3)
     ON CONFLICT (tenant_id) DO UPDATE SET figures = excluded.figures,
       changed_by = excluded.changed_by, changed_at = millrace_now()`,
    [id, JSON.stringify(figures), by],
  )
}

/** What became visible of a dataset on one day of a zone. */
export interface ArrivalDay {
  readonly dataset: string
  /** `2026-11-22` */
  readonly day: string
  /** Partitions that came to name another version; counting stops at `countedMost`. */
  readonly publishes: number
}

/** The last `days` days up to today, oldest first; a cell costs what is counted in it. */
export async function arrivalDays(
  session: TenantSession,
  datasets: readonly string[],
  { days, zone, countedMost }: { days: number; zone: string; countedMost: number },
): Promise<ArrivalDay[]> {
  return session.query<ArrivalDay>(
    // Days are without a zone until they are compared: the session's own has no say.
    `SELECT d.dataset, to_char(day, 'YYYY-MM-DD') AS day, c.publishes
     FROM unnest($2::text[]) WITH ORDINALITY AS d (dataset, place)
     CROSS JOIN generate_series(
       ((millrace_now() AT TIME ZONE $3)::date - ($4::int - 1))::timestamp,
       (millrace_now() AT TIME ZONE $3)::date::timestamp, interval '1 day') AS day
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS publishes FROM (
         SELECT FROM pointer_move m
         WHERE m.tenant_id = $1 AND m.dataset = d.dataset AND m.environment = 'main'
           AND m.at >= day AT TIME ZONE $3 AND m.at < (day + interval '1 day') AT TIME ZONE $3
         LIMIT $5
       ) AS counted
     ) AS c
     ORDER BY d.place, day`,
    [session.tenant.id, datasets, zone, days, countedMost],
  )
}

/** Which of the first steps of a tenant have been taken, by what there is in the place of its data. */
export async function stepsTaken(
  session: TenantSession,
): Promise<{ readonly source: boolean; readonly data: boolean; readonly run: boolean }> {
  const [row] = await session.query<{ source: boolean; data: boolean; run: boolean }>(
    `SELECT EXISTS (SELECT FROM source_option WHERE tenant_id = $1) AS source,
       EXISTS (SELECT FROM partition_pointer WHERE tenant_id = $1 AND version_id IS NOT NULL) AS data,
       EXISTS (SELECT FROM run WHERE tenant_id = $1) AS run`,
    [session.tenant.id],
  )
  return row ?? { source: false, data: false, run: false }
}
