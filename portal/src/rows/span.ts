const HOUR_MS = 3_600_000

const hoursOf = { day: 24, week: 168, month: 720 } as const
export type Period = keyof typeof hoursOf

/**
 * From this hour on, as the question has it: the same all through an hour, so that it is the same
 * question.
 */
export function sinceOf(period: Period, nowMs: number): string {
  const next = Math.floor(nowMs / HOUR_MS) + 1
  return new Date((next - hoursOf[period]) * HOUR_MS).toISOString()
}
