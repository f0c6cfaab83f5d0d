import type { Factory } from '#factory/factory.ts'
import type { FactoryParts } from '#factory/parts.ts'

/** What work on subjects is made of: the factory of the code that is deployed now. */
export interface SubjectParts {
  readonly factory: Factory
  readonly parts: FactoryParts
}

/** How long one step of an erasure may be without a sign of life before another process takes over. */
export const LEASE_MS = 60_000
