import { cronTimes } from '#triggers/cron.ts'

/**
 * When a report is due by its clock, after an instant; null: when something is published. Times that
 * passed unseen are made up for once, for the first look after them asks this from its own instant.
 * Throws `cron-invalid`, `zone-unknown`.
 */
export function nextReportTime(
  { cron, zone }: { readonly cron: string | null; readonly zone: string },
  after: Date,
): Date | null {
  return cron === null ? null : cronTimes(cron, zone).after(after)
}
