import { renderBar } from '#cli/render/bar.ts'
import { marks, paint, type Look, type Tone } from '#cli/render/look.ts'
import { harmless, wrap } from '#cli/render/text.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { counted, formatAge } from '#cli/render/units.ts'
import { formatCount } from '#kernel/units.ts'
import type { BackfillData, BackfillTenantData } from '#operations/backfills/backfill-data.ts'

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
  const ended = endedTasks(backfill)
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
    `${paint(look, tones[state], state)}${backfill.undoneAt === null ? '' : ', undone'} ${paint(look, 'strong', harmless(title))} ${paint(look, 'faint', `· ${id}`)}`,
    `  ${renderBar(look, shareOf(backfill), BAR_CELLS, barTone(backfill))} ${formatCount(ended)} of ${counted(tasks.total, 'task')} · ${details.join(' · ')}`,
    ...(paused === null ? [] : [`  ${paint(look, 'notice', marks.warning)} ${harmless(paused)}`]),
    ...(open > 0
      ? [`  ${paint(look, 'accent', marks.next)} millrace backfills show|pause|cancel ${id}`]
      : []),
  ]
}

const BAR_CELLS = 24
const TENANTS_MAX = 30

/** One line each. */
export function renderBackfills(
  look: Look,
  { backfills }: { readonly backfills: readonly BackfillData[] },
  now: Date,
): string[] {
  if (backfills.length === 0) return ['  No backfill yet: `millrace backfill <dataset>`.']
  const columns = [
    { title: 'state', fixed: true },
    { title: '', fixed: true },
    { title: 'tenants', align: 'right', fixed: true },
    { title: 'tasks', align: 'right', fixed: true },
    { title: 'wrong', align: 'right', fixed: true },
    { title: 'started', fixed: true },
    { title: 'backfill', fixed: true },
    { title: 'what' },
  ] as const
  const rows = backfills.map((backfill): Cell[] => {
    const { state, tenants, tasks } = backfill
    const wrong = tasks.failed + tasks.held + tasks.skipped
    return [
      { text: backfill.undoneAt === null ? state : `${state}, undone`, tone: tones[state] },
      {
        text: renderBar({ ...look, color: false }, shareOf(backfill), 10),
        tone: barTone(backfill),
      },
      `${formatCount(tenants.total - tenants.planning - tenants.running)}/${formatCount(tenants.total)}`,
      `${formatCount(endedTasks(backfill))}/${formatCount(tasks.total)}`,
      wrong === 0 ? '' : { text: formatCount(wrong), tone: 'bad' },
      formatAge(backfill.createdAt, now),
      backfill.id,
      backfill.title,
    ]
  })
  return renderTable(look, columns, rows)
}

interface Shown {
  readonly backfill: BackfillData
  readonly tenants: readonly BackfillTenantData[]
}

const urgency: readonly BackfillTenantData['state'][] = [
  'failed',
  'running',
  'planning',
  'cancelled',
  'done',
  'nothing',
]

/** The backfill, then its tenants: what went wrong first, then what is at work. */
export function renderBackfillShown(look: Look, { backfill, tenants }: Shown, now: Date): string[] {
  const rank = ({ state, bad }: BackfillTenantData) => (bad > 0 ? 0 : urgency.indexOf(state))
  const sorted = tenants.toSorted((a, b) => rank(a) - rank(b))
  const columns = [
    { title: 'tenant' },
    { title: 'state', fixed: true },
    { title: '', fixed: true },
    { title: 'tasks', align: 'right', fixed: true },
    { title: 'wrong', align: 'right', fixed: true },
    { title: 'run', fixed: true },
    { title: '' },
  ] as const
  const rows = sorted.slice(0, TENANTS_MAX).map((part): Cell[] => {
    const tone = part.state === 'nothing' ? 'faint' : tones[part.state]
    const share = part.tasks === 0 ? 0 : part.ended / part.tasks
    return [
      { text: part.tenant, tone: 'strong' },
      { text: part.state, tone },
      {
        text: part.tasks === 0 ? '' : renderBar({ ...look, color: false }, share, 10),
        tone: part.bad > 0 ? 'bad' : tone,
      },
      part.tasks === 0 ? '' : `${formatCount(part.ended)}/${formatCount(part.tasks)}`,
      part.bad === 0 ? '' : { text: formatCount(part.bad), tone: 'bad' },
      part.runId ?? '',
      part.error ?? '',
    ]
  })
  const left = backfill.tenants.total - Math.min(rows.length, backfill.tenants.total)
  return [
    ...renderBackfill(look, backfill, now),
    '',
    ...renderTable(look, columns, rows),
    ...(left > 0 ? [`  … and ${counted(left, 'more tenant')} (--json lists them)`] : []),
  ]
}

/** How it came out: the tenants for which something went wrong, and what can be done next. */
export function renderBackfillEnd(look: Look, { backfill, tenants }: Shown, now: Date): string[] {
  const wrong = tenants.filter(({ state, bad }) => state === 'failed' || bad > 0)
  const lines = wrong.slice(0, TENANTS_MAX).flatMap(({ tenant, runId, bad, error }) => {
    const why = error ?? `${counted(bad, 'task')} failed, held or skipped`
    const next = runId === null ? '' : `: millrace runs ${runId} --tenant ${tenant}`
    return wrap(harmless(`${tenant}: ${why}${next}`), look.width - 4).map(
      (line, at) => `  ${at === 0 ? paint(look, 'bad', marks.failed) : ' '} ${line}`,
    )
  })
  const { tasks, id } = backfill
  const more = wrong.length - TENANTS_MAX
  return [
    ...renderBackfill(look, backfill, now),
    ...lines,
    ...(more > 0 ? [`  … and ${counted(more, 'more tenant')}`] : []),
    ...(tasks.done > 0
      ? [`  ${paint(look, 'accent', marks.next)} undo: millrace backfills undo ${id}`]
      : []),
  ]
}

/** What an undo put back. */
export function renderBackfillUndone(
  look: Look,
  answer: {
    readonly backfill: BackfillData
    readonly tenants: readonly { tenant: string; restored: number; kept: number }[]
  },
  now: Date,
): string[] {
  const { backfill, tenants } = answer
  const restored = tenants.reduce((sum, one) => sum + one.restored, 0)
  const kept = tenants.filter((one) => one.kept > 0)
  return [
    ...renderBackfill(look, backfill, now),
    `  ${counted(restored, 'partition')} of ${counted(tenants.length, 'tenant')} put back`,
    ...kept.slice(0, TENANTS_MAX).map((one) => {
      const text = `${one.tenant}: ${counted(one.kept, 'partition')} left alone, for something newer was published`
      return `  ${paint(look, 'notice', marks.warning)} ${text}`
    }),
  ]
}

function endedTasks({ tasks }: BackfillData): number {
  return tasks.done + tasks.unchanged + tasks.held + tasks.failed + tasks.skipped + tasks.cancelled
}

/** Tenants that wait for their plan have no tasks yet, so both count. */
function shareOf(backfill: BackfillData): number {
  const { tenants, tasks } = backfill
  const planned = tenants.total - tenants.planning
  if (tenants.planning + tenants.running === 0) return 1
  const ofTasks = tasks.total === 0 ? 0 : endedTasks(backfill) / tasks.total
  return (planned / Math.max(1, tenants.total)) * ofTasks
}

function barTone({ tasks, state }: BackfillData): Tone {
  if (tasks.failed > 0 || state === 'failed') return 'bad'
  if (tasks.held > 0) return 'held'
  return state === 'done' ? 'good' : 'accent'
}
