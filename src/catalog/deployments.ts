import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'

/** What a deployment holds, for lists. */
export interface PackSummary {
  readonly name: string
  readonly datasets: number
  readonly tasks: number
  /** Absent of deployments from before there were any. */
  readonly endpoints?: number
}

export interface Deployment {
  readonly id: number
  /** SHA-256 of the bundle, under which it lies in the lake. */
  readonly codeHash: string
  readonly createdAt: Date
  readonly message: string
  /** Who deployed: `key mk_…`, `local`, `serve`. */
  readonly deployedBy: string
  readonly packs: readonly PackSummary[]
}

export type NewDeployment = Omit<Deployment, 'id' | 'createdAt'>

/**
 * Makes the code the current one and returns the deployment's number; null when it is the current
 * one already or, with `onlyFirst`, when anything was ever deployed. Its bundle is in the lake before.
 */
export async function addDeployment(
  session: SystemSession,
  deployment: NewDeployment,
  onlyFirst = false,
): Promise<number | null> {
  const { codeHash, message, deployedBy, packs } = deployment
  const [row] = await session.query<{ id: number | null }>(
    'SELECT deployment_add($1, $2, $3, $4, $5) AS id',
    [codeHash, message, deployedBy, toJson(packs), onlyFirst],
  )
  return row?.id ?? null
}

/** Newest first: the first one is the current one. */
export async function listDeployments(
  session: SystemSession,
  limit: number,
): Promise<Deployment[]> {
  return select(session, null, limit)
}

/** Null when nothing was deployed yet. */
export async function currentDeployment(session: SystemSession): Promise<Deployment | null> {
  return (await select(session, null, 1))[0] ?? null
}

/** Null when there is no such number. */
export async function deploymentById(
  session: SystemSession,
  id: number,
): Promise<Deployment | null> {
  return (await select(session, id, 1))[0] ?? null
}

function select(session: SystemSession, id: number | null, limit: number): Promise<Deployment[]> {
  return session.query<Deployment>(
    `SELECT id, code_hash AS "codeHash", created_at AS "createdAt", message,
       deployed_by AS "deployedBy", packs
     FROM deployment_list($1, $2)`,
    [id, limit],
  )
}

/** The code that a run was planned with; null where that was not noted. */
export async function codeHashOfRun(session: TenantSession, runId: string): Promise<string | null> {
  const [row] = await session.query<{ codeHash: string | null }>(
    'SELECT code_hash AS "codeHash" FROM run WHERE tenant_id = $1 AND id = $2',
    [session.tenant.id, runId],
  )
  return row?.codeHash ?? null
}
