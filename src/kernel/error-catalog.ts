import { appendErrors } from '#kernel/error-catalog/append.ts'
import { answerErrors } from '#kernel/error-catalog/answers.ts'
import { archiveErrors } from '#kernel/error-catalog/archives.ts'
import { askingErrors } from '#kernel/error-catalog/asking.ts'
import { catalogErrors } from '#kernel/error-catalog/catalog.ts'
import { connectorErrors } from '#kernel/error-catalog/connectors.ts'
import { deliveryErrors } from '#kernel/error-catalog/deliveries.ts'
import { deploymentErrors } from '#kernel/error-catalog/deployment.ts'
import { doorErrors } from '#kernel/error-catalog/doors.ts'
import { embedErrors } from '#kernel/error-catalog/embeds.ts'
import { endpointErrors } from '#kernel/error-catalog/endpoints.ts'
import { engineErrors } from '#kernel/error-catalog/engine.ts'
import { eventErrors } from '#kernel/error-catalog/events.ts'
import { graphErrors } from '#kernel/error-catalog/graph.ts'
import { idempotencyErrors } from '#kernel/error-catalog/idempotency.ts'
import { insightErrors } from '#kernel/error-catalog/insight.ts'
import { lakeErrors } from '#kernel/error-catalog/lake-and-cells.ts'
import { memberErrors } from '#kernel/error-catalog/members.ts'
import { peopleErrors } from '#kernel/error-catalog/people.ts'
import { matrixErrors } from '#kernel/error-catalog/matrix.ts'
import { planErrors } from '#kernel/error-catalog/plans.ts'
import { quarantineErrors } from '#kernel/error-catalog/quarantine.ts'
import { queryErrors } from '#kernel/error-catalog/queries.ts'
import { queueErrors } from '#kernel/error-catalog/queue.ts'
import { receiptErrors } from '#kernel/error-catalog/receipts.ts'
import { secretErrors } from '#kernel/error-catalog/secrets-and-mail.ts'
import { subjectErrors } from '#kernel/error-catalog/subjects.ts'
import { reportErrors } from '#kernel/error-catalog/reports.ts'
import { targetErrors } from '#kernel/error-catalog/targets.ts'
import { tenantErrors } from '#kernel/error-catalog/tenants-and-keys.ts'
import type { ErrorEntry } from '#kernel/error-entry.ts'

/**
 * Every error code with its HTTP status, whether a retry may help, its text and the way out.
 * Codes are stable: other programs match on them. `docs/reference/errors.md` is generated from here.
 */
export const errorCatalog = {
  ...answerErrors,
  ...askingErrors,
  ...doorErrors,
  ...graphErrors,
  ...idempotencyErrors,
  ...connectorErrors,
  ...lakeErrors,
  ...insightErrors,
  ...catalogErrors,
  ...queueErrors,
  ...engineErrors,
  ...embedErrors,
  ...endpointErrors,
  ...eventErrors,
  ...quarantineErrors,
  ...queryErrors,
  ...matrixErrors,
  ...planErrors,
  ...deliveryErrors,
  ...deploymentErrors,
  ...receiptErrors,
  ...secretErrors,
  ...subjectErrors,
  ...reportErrors,
  ...targetErrors,
  ...tenantErrors,
  ...appendErrors,
  ...archiveErrors,
  ...peopleErrors,
  ...memberErrors,
} as const satisfies Record<string, ErrorEntry>
