import { renderBar } from '#cli/render/bar.ts'
import { marks, paint, type Look, type Tone } from '#cli/render/look.ts'
import { harmless } from '#cli/render/text.ts'
import { counted, formatAge } from '#cli/render/units.ts'
import { formatCount } from '#kernel/units.ts'
import type { BackfillData } from '#operations/backfills/backfill-data.ts'

const tones: Readonly<Record<BackfillData['state'], Tone>> = {
  planning: 'info',
  running: 'info',
  paused: 'notice',
  done: 'good',
  failed: 'bad',
  cancelled: 'notice',
}

/** A backfill in three lines: what it is, how far it is, what to do with it. */
export function renderBackfill(look: Look, backfill: BackfillData, now: Date): string[] {
  const { id, title, state, tenants, tasks, paused, concurrency } = backfill
  const ended =
    tasks.done + tasks.unchanged + tasks.held + tasks.failed + tasks.skipped + tasks.cancelled
  const open = tenants.planning + tenants.running
  const details = [
    `${counted(tenants.total, 'tenant')}${open > 0 ? `, ${formatCount(open)} open` : ''}`,
    ...(tenants.nothing > 0 ? [`${formatCount(tenants.nothing)} had nothing to do`] : []),
    ...(tenants.failed > 0 ? [`${formatCount(tenants.failed)} failed`] : []),
    ...(tasks.failed + tasks.held > 0
      ? [`${counted(tasks.failed + tasks.held, 'task')} failed or held`]
      : []),
    ...(concurrency === null ? [] : [`at most ${concurrency} at a time`]),
    `${backfill.order} first`,
    `started ${formatAge(backfill.createdAt, now)}`,
  ]
  return [
    `${paint(look, tones[state], state)} ${paint(look, 'strong', harmless(title))} ${paint(look, 'faint', `· ${id}`)}`,
    `  ${renderBar(look, tasks.total === 0 ? 0 : ended / tasks.total, 24)} ${formatCount(ended)} of ${counted(tasks.total, 'task')} · ${details.join(' · ')}`,
    ...(paused === null ? [] : [`  ${paint(look, 'notice', marks.warning)} ${harmless(paused)}`]),
    ...(open > 0
      ? [`  ${paint(look, 'accent', marks.next)} millrace backfills show|pause|cancel ${id}`]
      : []),
  ]
}
