import { toJson } from '#catalog/json.ts'
import type { SystemSession } from '#catalog/session.ts'
import type { EndpointDefinition } from '#model/endpoint.ts'
import type { ResultColumn } from '#model/outcome.ts'

/** One code that was deployed under an endpoint's name. */
export interface StoredEndpointVersion {
  readonly name: string
  /** From 1 on; the same for every tenant. */
  readonly number: number
  readonly codeVersion: string
  readonly pack: string
  /** Null in the list of all where it has ended. */
  readonly definition: EndpointDefinition | null
  /** Of the deployment that brought it first. */
  readonly deploymentId: number
  readonly createdAt: Date
  /** When another code took its place, and when it stops being answered; null: it is current. */
  readonly replacedAt: Date | null
  readonly endsAt: Date | null
  /** Of its result; null: nobody has asked yet. */
  readonly columns: readonly ResultColumn[] | null
}

/**
 * Makes these endpoints the current ones, in the transaction of the deployment that brings them. Those
 * that they replace are answered for `keepMs` more to whoever pins them.
 */
export async function takeEndpointVersions(
  session: SystemSession,
  deploymentId: number,
  endpoints: readonly EndpointDefinition[],
  keepMs: number,
): Promise<void> {
  const given = endpoints.map((definition) => ({
    name: definition.name,
    codeVersion: definition.codeVersion,
    definition,
  }))
  await session.query('SELECT endpoint_versions_take($1, $2, $3)', [
    deploymentId,
    toJson(given),
    keepMs,
  ])
}

/** Every version, or those of one endpoint; by name, the newest number first. */
export async function endpointVersions(
  session: SystemSession,
  name: string | null = null,
): Promise<StoredEndpointVersion[]> {
  return session.query<StoredEndpointVersion>(
    `SELECT name, number, code_version AS "codeVersion", pack, definition, deployment_id AS "deploymentId",
       created_at AS "createdAt", replaced_at AS "replacedAt", ends_at AS "endsAt", columns
     FROM endpoint_version_list($1)`,
    [name],
  )
}

/** Notes what the engine said of a version's result, unless that is known. */
export async function setEndpointColumns(
  session: SystemSession,
  name: string,
  number: number,
  columns: readonly ResultColumn[],
): Promise<void> {
  await session.query('SELECT endpoint_columns_set($1, $2, $3)', [name, number, toJson(columns)])
}
