import type { PasswordHash } from '#auth/password-hash.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { Engine } from '#engine/engine.ts'
import type { Readers } from '#engine/readers/query-job.ts'
import type { Deployments } from '#factory/deployments.ts'
import type { Egress } from '#egress/egress.ts'
import type { EventFeed } from '#events/event-feed.ts'
import type { Factory } from '#factory/factory.ts'
import type { Intake } from '#factory/append/intake.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import type { Lake } from '#lake/lake.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Deliveries } from '#serving/deliveries/deliveries.ts'
import type { Answers } from '#serving/answer.ts'
import type { Endpoints } from '#serving/endpoints.ts'
import type { Receipts } from '#serving/receipt.ts'
import type { Traffic } from '#serving/traffic.ts'
import type { SubjectReader } from '#subjects/subject-reader.ts'
import type { Mailer } from '#mail/mailer.ts'
import type { Secrets } from '#secrets/secrets.ts'
import type { TaskServices } from '#tasks/services.ts'

/** What `app/compose.ts` hands to every operation. */
export interface Parts {
  readonly factory: Factory
  readonly deployments: Deployments
  /** For addresses that callers give: judged before they are saved, and when they are called. */
  readonly egress: Egress
  /** Seals secrets before they are stored. */
  readonly secrets: Secrets
  readonly mailer: Mailer
  readonly passwords: PasswordHash
  /** Where people reach the pages of this deployment, for links; may have a path. */
  publicUrl(): string
  /** Of the place that the operation works in: the directory, or the tenant's cell. */
  readonly catalog: Catalog
  /** Tenants, people and keys are here; the same as `catalog` unless that is a cell's. */
  readonly directory: Catalog
  readonly cells: CellPlaces
  readonly lake: Lake
  /** Takes rows in that are sent. */
  readonly intake: Intake
  readonly engine: Engine
  readonly readers: Readers
  /** The one way to published rows. */
  readonly answers: Answers
  readonly receipts: Receipts
  /** Answers that are too many rows for a request, or go to another place. */
  readonly deliveries: Deliveries
  /** What the deployment serves under the names of endpoints, for every place the same. */
  readonly endpoints: Endpoints
  /** Counts requests for rows of endpoints; into the directory. */
  readonly traffic: Traffic
  readonly subjects: SubjectReader
  /** What becomes true of tenants, as it is committed. */
  readonly events: EventFeed
  /** Takes whoever is erased by the tenant's rules out of what is there. */
  replayErasures(
    tenant: Tenant,
    about: { readonly by: string; readonly signal: AbortSignal },
  ): Promise<unknown>
  readonly tasks: TaskServices
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
  readonly log: Logger
  readonly limits: OperationLimits
  /** Private folder for what lives as long as one call. */
  readonly scratchFolder: string
}

/**
 * The cells as operations see them. People, keys and tenants are in the directory; the data of a
 * tenant in a cell, and all that is done with them, are in the cell's own catalog and lake.
 */
export interface CellPlaces {
  /** Name of the cell that a tenant's data lie in; null: in the directory. Throws `cell-unreachable`. */
  cellOf(tenant: Tenant): Promise<string | null>
  /** It has just been given its place. */
  forget(tenant: Tenant): void
  /** The cell that a tenant's data lie in, as `hold` gives it; null: they lie in the directory. */
  holdFor(tenant: Tenant): Promise<HeldParts | null>
  /** Opens it where it is not open; it stays so until `release`. Throws `cell-unknown`, `cell-unreachable`. */
  hold(name: string): Promise<HeldParts>
  /** Something is to be done in it: whoever does its work looks now. */
  wake(name: string): Promise<void>
  /** Makes one, with an empty database and lake. Throws `cell-exists`, `cell-unusable` among others. */
  create(cell: {
    readonly name: string
    /** Of its database; null: a folder of the home. */
    readonly databaseUrl: string | null
    /** Null: a folder of the home. */
    readonly lake: string | null
  }): Promise<void>
}

export interface HeldParts {
  /** Of the cell. */
  readonly name: string
  readonly parts: Parts
  /** Safe to call again. */
  release(): void
}

export interface OperationLimits {
  /** Most rows that one request answers at once. */
  readonly rowsMax: number
  /** How long former versions are kept before `maintenance.sweep` may remove their files. */
  readonly keepFormerMs: number
}
