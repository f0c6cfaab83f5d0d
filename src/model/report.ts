export const reportStates = ['active', 'paused'] as const
export type ReportState = (typeof reportStates)[number]

/** How a run of a report came out; `held`: it waits for what is missing. */
export const reportRunStates = ['sent', 'skipped-empty', 'unchanged', 'held', 'failed'] as const
export type ReportRunState = (typeof reportRunStates)[number]
