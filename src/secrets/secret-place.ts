/**
 * Where a sealed secret lies. What was sealed for one place opens in no other, so a row that somebody
 * copies to another tenant, row or field is of no use there.
 */
export interface SecretPlace {
  /** Null: it belongs to the deployment, not to a tenant. */
  readonly tenantId: number | null
  /** See `secretPlace`. */
  readonly place: string
}

/**
 * `column` is `table.column`, or `table.column.field` of a JSON object; `keys` tell the row from the
 * tenant's others. A column that holds sealed text says so in its comment in the schema, for
 * `secrets.rotate`: `sealed by <key column>, …` or, with one row for each tenant, `sealed`.
 */
export function secretPlace(
  tenantId: number | null,
  column: string,
  ...keys: readonly string[]
): SecretPlace {
  return { tenantId, place: [column, ...keys.map(encodeURIComponent)].join('/') }
}
