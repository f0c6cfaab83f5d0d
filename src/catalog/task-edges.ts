import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'

/** How tasks outside of the list have come out so far. */
type Upstream = ReadonlyMap<number, 'open' | 'good' | 'bad'>

/** What a new task waits for. */
export interface TaskAfter {
  /** Positions in the same list whose success is waited for; if one fails, this one is skipped. */
  readonly after: readonly number[]
  /** Positions in the same list whose end is waited for, however it comes out. */
  readonly afterEnd?: readonly number[] | undefined
  /** Ids of tasks of the same run that exist already; waited for like `after`. */
  readonly afterTasks?: readonly number[] | undefined
}

/** Rows of one statement: the embedded engine blocks the event loop while it runs. */
const CHUNK = 10_000

/** Parallel arrays; `outside` are the ids of upstream tasks that existed before. */
interface Edges {
  readonly upstream: number[]
  readonly downstream: number[]
  readonly kinds: ('success' | 'ended')[]
  readonly outside: Set<number>
}

export function edgesOf(tasks: readonly TaskAfter[], ids: readonly number[]): Edges {
  const edges: Edges = { upstream: [], downstream: [], kinds: [], outside: new Set() }
  for (const [index, task] of tasks.entries()) {
    const seen = new Set<number>()
    const add = (upstream: number, kind: 'success' | 'ended') => {
      if (seen.has(upstream)) return
      seen.add(upstream)
      edges.upstream.push(upstream)
      edges.downstream.push(ids[index] as number)
      edges.kinds.push(kind)
    }
    for (const id of task.afterTasks ?? []) {
      edges.outside.add(id)
      add(id, 'success')
    }
    for (const position of task.after) add(idAt(ids, position), 'success')
    for (const position of task.afterEnd ?? []) add(idAt(ids, position), 'ended')
  }
  return edges
}

function idAt(ids: readonly number[], position: number): number {
  const id = ids[position]
  if (id === undefined) {
    throw new MillraceError('internal', {
      message: `a task waits for position ${position} of ${ids.length}`,
    })
  }
  return id
}

/** State of upstream tasks outside of the list; the run's row is locked, so that none ends meanwhile. */
export async function stillOpen(
  session: TenantSession,
  runId: string,
  { outside }: Edges,
): Promise<Upstream> {
  if (outside.size === 0) return new Map()
  const rows = await session.query<{ id: number; came: 'open' | 'good' | 'bad' }>(
    `SELECT id, CASE WHEN state IN ('done', 'unchanged') THEN 'good'
       WHEN state IN ('waiting', 'ready', 'running') THEN 'open' ELSE 'bad' END AS came
     FROM task WHERE tenant_id = $1 AND run_id = $2 AND id = ANY ($3)`,
    [session.tenant.id, runId, [...outside]],
  )
  const known = new Map(rows.map(({ id, came }) => [id, came]))
  for (const id of outside) {
    if (!known.has(id)) {
      throw new MillraceError('internal', {
        message: `a task waits for task ${id}, which run ${runId} has not`,
      })
    }
  }
  return known
}

export function waitingCounts(ids: readonly number[], edges: Edges, upstream: Upstream): number[] {
  const counts = new Map<number, number>()
  for (const [index, id] of edges.upstream.entries()) {
    if (upstream.get(id) === 'good') continue
    const downstream = edges.downstream[index] as number
    counts.set(downstream, (counts.get(downstream) ?? 0) + 1)
  }
  return ids.map((id) => counts.get(id) ?? 0)
}

export async function insertEdges(
  session: TenantSession,
  edges: Edges,
  upstream: Upstream,
): Promise<void> {
  const live = edges.upstream.flatMap((id, index) => (upstream.get(id) === 'good' ? [] : [index]))
  for (let from = 0; from < live.length; from += CHUNK) {
    const some = live.slice(from, from + CHUNK)
    await session.query(
      `INSERT INTO task_edge (tenant_id, upstream_id, downstream_id, kind)
       SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::text[])`,
      [
        session.tenant.id,
        some.map((index) => edges.upstream[index]),
        some.map((index) => edges.downstream[index]),
        some.map((index) => edges.kinds[index]),
      ],
    )
  }
}

/** Skips tasks whose upstream had failed before they came. */
export async function skipDoomed(
  session: TenantSession,
  runId: string,
  { outside }: Edges,
  upstream: Upstream,
): Promise<void> {
  const bad = [...outside].filter((id) => upstream.get(id) === 'bad')
  if (bad.length === 0) return
  await session.query('SELECT tasks_follow($1, $2, $3, $4)', [session.tenant.id, runId, [], bad])
}
