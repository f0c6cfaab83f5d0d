import type { ArchiveTable } from '#catalog/archive-tables.ts'

/** What of a table is in an archive. */
export type TableRule =
  | {
      /** Columns that are left out, each with the reason. */
      readonly without?: Readonly<Record<string, string>>
      /** Names of fields of its JSON that are secrets, also where they lie open. */
      readonly secretFields?: readonly string[]
    }
  /** Members travel by address and role, in these fields. */
  | { readonly members: readonly string[] }
  | {
      readonly leave: string
      /** Columns that tell what somebody has to enter again, as `what ‹value› (‹value›)`. */
      readonly enterAgain?: { readonly what: string; readonly columns: readonly string[] }
    }

const ofDeployment = 'it is about the work of a deployment, not about the tenant'
const madeAgain = 'it is made again by itself'

/**
 * Every table with rows of tenants. A table that is not here is left out, and named in the archive as
 * left out for that reason, until somebody says which it is: a test fails meanwhile.
 */
export const tableRules: Readonly<Record<string, TableRule>> = {
  acknowledgement: {},
  api_key: {
    leave: 'keys are valid in one deployment alone',
    enterAgain: { what: 'key', columns: ['name', 'id'] },
  },
  append_lane: { without: { leased_until: ofDeployment } },
  append_position: {},
  archive_hold: { leave: ofDeployment },
  attempt: {},
  audit: {},
  audit_head: {},
  backfill_tenant: { leave: 'a backfill of many tenants belongs to its deployment' },
  background_task: {},
  call_handler: {
    leave: 'its secret is sealed with a key of the deployment',
    enterAgain: { what: 'handler', columns: ['name', 'url'] },
  },
  callback_secret: {
    leave: 'it is sealed with a key of the deployment, and made again at its first use',
  },
  cell_tenant: { leave: ofDeployment },
  check_result: {},
  delivery_target: {
    leave: 'its secrets are sealed with a key of the deployment',
    enterAgain: { what: 'target', columns: ['name', 'kind'] },
  },
  embed: {
    leave: 'its secret and its links are sealed and signed with a key of the deployment',
    enterAgain: { what: 'embedded view', columns: ['title', 'id'] },
  },
  endpoint_pin: { leave: 'numbers of versions are those of a deployment' },
  endpoint_traffic: {},
  delivery: { leave: 'its file is kept for a few days, and made again from the same versions' },
  delivery_artefact: { leave: 'the same answer makes it again' },
  erasure: { without: { leased_until: ofDeployment } },
  erasure_partition: {},
  event_attempt: { leave: 'it is about the receivers that one deployment has called' },
  event_delivery: { leave: 'what was to be told is told by the deployment that it happened in' },
  event_head: {},
  event_subscription: {
    leave: 'its secret is sealed with a key of the deployment, and no receiver is told twice',
    enterAgain: { what: 'subscription', columns: ['title', 'url'] },
  },
  extent: {},
  file: {},
  fix: {},
  home_figures: {},
  idempotent_request: { leave: 'requests in flight belong to the deployment that answers them' },
  identity_provider: {
    leave: 'its secret is sealed with a key of the deployment, and its provider knows its address',
    enterAgain: { what: 'identity provider', columns: ['name', 'issuer'] },
  },
  invitation: { leave: 'its link leads to the deployment that it was written in' },
  mail: { leave: 'what was to be sent is sent by the deployment that it was written in' },
  membership: { members: ['email', 'name', 'role', 'created_at'] },
  outbox: {},
  partition_pointer: {},
  plan: { leave: 'plans that were shown are for a day and a deployment' },
  pointer_move: {},
  queue_lane: { leave: madeAgain },
  queue_limit: { without: { id: 'numbers of limits are those of a deployment' } },
  queue_notice: { leave: madeAgain },
  queue_pause: {},
  receipt: {},
  receipt_versions: {},
  repair: {},
  report: {
    leave: 'it asks in the name of somebody of its deployment',
    enterAgain: { what: 'report', columns: ['name', 'asked_by'] },
  },
  report_run: { leave: 'what was sent was sent by the deployment that it happened in' },
  role: {},
  run: { without: { backfill_id: 'a backfill of many tenants belongs to its deployment' } },
  run_dataset: {},
  saved_query: {
    without: { trust: 'it is SQL of a customer until somebody of the company has saved it there' },
  },
  sign_on_rule: { leave: 'it would lock everybody out until an identity provider is set up' },
  source_object: {},
  source_option: { secretFields: ['secretAccessKey', 'sessionToken'] },
  subject_key: {},
  subject_rule: {},
  task: {},
  task_callback: {},
  task_edge: {},
  task_log: {},
  task_pace: { leave: madeAgain },
  tenant_turn: { leave: ofDeployment },
  trigger: {},
  trigger_firing: {},
  usage_day: {},
  user_identity: { leave: 'a provider of identities gives them to one deployment' },
  version: {},
}

/** Columns of the tenant's own row that do not travel: what is stored is counted where it is. */
export const tenantColumnsLeft: readonly string[] = [
  'request_key',
  'request_hash',
  'stored_bytes',
  'published_rows',
  'published_rows_commit',
  'published_rows_at',
]

export function ruleOf(table: string): TableRule {
  return tableRules[table] ?? { leave: 'this version of Millrace does not know the table' }
}

/** The columns of a table that an archive holds. */
export function columnsOf(table: ArchiveTable, rule: TableRule): string[] {
  if ('members' in rule) return [...rule.members]
  const without = 'without' in rule ? Object.keys(rule.without ?? {}) : []
  return table.columns
    .filter(({ name, isComputed }) => !isComputed && !without.includes(name))
    .map(({ name }) => name)
}
