import type { JobProgress } from '#engine/protocol.ts'
import type { Session } from '#engine/session.ts'

/** What a job gets from the child that runs it. */
export interface JobContext {
  readonly progress: (progress: JobProgress) => void
  /** Aborted when the parent cancels. */
  readonly signal: AbortSignal
  /** Names the instance that an abort has to interrupt, and that is closed when the job ends. */
  readonly adopt: (session: Session) => Session
}
