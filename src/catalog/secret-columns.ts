import { toJson } from '#catalog/json.ts'
import type { SystemSession } from '#catalog/session.ts'

/** A column whose values are sealed, as its comment in the schema says. */
export interface SealedColumn {
  /** `table.column`. */
  readonly name: string
  /** An object of which some fields are secret: `{"$secret": "…"}`. */
  readonly isJson: boolean
}

/** A value with secrets, wherever it belongs; null tenant: to the deployment. */
export interface SealedValue {
  readonly tenantId: number | null
  /** What tells it from the tenant's other rows. */
  readonly keys: readonly string[]
  /** Text as it is stored. */
  readonly value: string
}

export async function sealedColumns(session: SystemSession): Promise<SealedColumn[]> {
  return session.query<SealedColumn>(
    'SELECT name, is_json AS "isJson" FROM sealed_columns() ORDER BY name',
  )
}

/**
 * Values of a column in order of their rows after `after`, of which a secret does not begin with
 * `done` yet; `fields` are those of an object that are secret.
 */
export async function sealedValues(
  session: SystemSession,
  column: SealedColumn,
  ask: {
    readonly done: string
    readonly fields: readonly string[]
    readonly after: SealedValue | null
    readonly max: number
  },
): Promise<SealedValue[]> {
  const { done, fields, after, max } = ask
  return session.query<SealedValue>(
    `SELECT tenant_id AS "tenantId", keys, value FROM secrets_page($1, $2, $3, $4, $5, $6)`,
    [column.name, done, fields, after && (after.tenantId ?? 0), after && after.keys, max],
  )
}

/** Stores them, except where somebody has changed one meanwhile. Returns how many it stored. */
export async function replaceSealed(
  session: SystemSession,
  column: SealedColumn,
  values: readonly (SealedValue & { readonly former: string })[],
): Promise<number> {
  const [row] = await session.query<{ count: number }>('SELECT secrets_replace($1, $2) AS count', [
    column.name,
    toJson(values),
  ])
  return row?.count ?? 0
}

export interface SealedCount {
  /** `table.column`. */
  readonly name: string
  /** The key that sealed them; null: they lie open. */
  readonly keyId: string | null
  readonly secrets: number
}

/** How many secrets there are, by column and key; `fields` as above. */
export async function countSealed(
  session: SystemSession,
  fields: readonly string[],
): Promise<SealedCount[]> {
  return session.query<SealedCount>(
    `SELECT name, key_id AS "keyId", secrets::int FROM secrets_usage($1) ORDER BY 1, 2 NULLS FIRST`,
    [fields],
  )
}
