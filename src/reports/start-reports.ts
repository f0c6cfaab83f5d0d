import { startOutbox, type OutboxWorker } from '#catalog/outbox.ts'
import { claimReports, nextReportMs, type ClaimedReport } from '#catalog/report-queue.ts'
import { carryOutReport } from '#reports/carry-out.ts'
import type { ReportParts } from '#reports/report-parts.ts'

/** Reports under way at the same time, and how many of them of one tenant. */
const SLOTS = 4
const SHARE = 2
const LEASE_MS = 180_000
/** Ends before somebody else may take over. */
const DEADLINE_MS = 150_000

/** Carries out reports that are due. Any number of processes may share a catalog: each is sent once. */
export function startReports(parts: ReportParts): OutboxWorker {
  return startOutbox<ClaimedReport>(parts, {
    name: 'reports',
    slots: SLOTS,
    claim: (session, max) => claimReports(session, { max, share: SHARE, leaseMs: LEASE_MS }),
    nextMs: nextReportMs,
    carryOut: (claimed, signal) =>
      carryOutReport(parts, claimed, AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])),
    sweep: () => Promise.resolve(0),
  })
}
