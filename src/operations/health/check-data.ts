import { dataHealth, runsHealth } from '#catalog/health.ts'
import { ok, type Check } from '#operations/health/finding.ts'

/** A run that nobody has worked on for so long is stuck. */
const STUCK_MS = 60_000
const NAMED = 3
/** More than so many are not counted: a check must not read for minutes. */
const COUNTED_MOST = 100_000

export const checkRuns: Check = async ({ catalog }) => {
  const { running, stuck, named } = await catalog.asSystem((session) =>
    runsHealth(session, { idleMs: STUCK_MS, named: NAMED }),
  )
  if (stuck > 0) {
    return {
      state: 'warning',
      detail: `${stuck} of ${running} unfinished runs have no task at work: ${named.join(', ')}`,
      remedy:
        'Start `millrace serve`, which works on them, or end them with `millrace runs cancel`.',
    }
  }
  return ok(running === 0 ? 'none is unfinished' : `${running} at work`)
}

export const checkData: Check = async ({ catalog }) => {
  const { published, troubled, named } = await catalog.asSystem((session) =>
    dataHealth(session, { most: COUNTED_MOST, named: NAMED }),
  )
  const count = published >= COUNTED_MOST ? `${COUNTED_MOST} and more` : String(published)
  const detail = `${count} partitions published`
  if (troubled === 0) return ok(published === 0 ? 'no partition has been built yet' : detail)
  return {
    state: 'warning',
    detail: `${detail}; ${troubled} need you: ${named.join(', ')}`,
    remedy: '`millrace status --tenant <name>` says why; `millrace run` tries them again.',
  }
}
