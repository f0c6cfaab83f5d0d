import { marks, paint, type Look, type Tone } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { harmless, wrap } from '#cli/render/text.ts'
import { counted } from '#cli/render/units.ts'
import { formatBytes, formatCount, formatDuration } from '#kernel/units.ts'
import type { PlanTotalsData, TenantPlanData } from '#operations/backfills/tenant-plan.ts'

/** More lines than this nobody reads; `--json` has them all. */
const ROWS_MAX = 40
const REASONS_MAX = 10

export interface TenantPlansAnswer {
  readonly tenants: readonly TenantPlanData[]
  readonly totals: PlanTotalsData
}

/** A line for each tenant with something to do, what keeps others from being planned, the totals. */
export function renderTenantPlans(
  look: Look,
  { tenants, totals }: TenantPlansAnswer,
  what: string,
): string[] {
  const planned = tenants.filter(({ state }) => state === 'planned')
  const right = (title: string) => ({ title, align: 'right', fixed: true }) as const
  const columns = [
    { title: 'tenant' },
    right('certain'),
    right('perhaps'),
    right('datasets later'),
    { title: 'from', fixed: true },
    { title: 'to', fixed: true },
    right('time'),
    right('to read'),
  ]
  const rows = planned
    .slice(0, ROWS_MAX)
    .map((plan): Cell[] => [
      { text: plan.tenant, tone: 'strong' },
      countOf(plan.certain),
      countOf(plan.conditional),
      countOf(plan.later),
      plan.first ?? '',
      plan.last ?? '',
      plan.estimatedMs === null ? '?' : formatDuration(plan.estimatedMs),
      plan.estimatedBytes === null ? '?' : formatBytes(plan.estimatedBytes),
    ])
  return [
    `${paint(look, 'strong', 'Plan')} for ${harmless(what)} ${paint(look, 'faint', `· ${counted(totals.tenants, 'tenant')}`)}`,
    ...(rows.length > 0 ? renderTable(look, columns, rows) : []),
    ...more(planned.length - ROWS_MAX, 'tenant'),
    ...reasons(look, tenants, 'nothing'),
    ...reasons(look, tenants, 'failed'),
    `  ${totalLine(totals)}`,
  ]
}

function countOf(count: number): string {
  return count === 0 ? '' : formatCount(count)
}

function more(left: number, one: string): string[] {
  return left > 0 ? [`  … and ${counted(left, `more ${one}`)}`] : []
}

/** Tenants with the same reason stand together. */
function reasons(
  look: Look,
  tenants: readonly TenantPlanData[],
  state: 'nothing' | 'failed',
): string[] {
  const groups = Map.groupBy(
    tenants.filter((plan) => plan.state === state && plan.error !== null),
    ({ error }) => error?.message ?? '',
  )
  const tone: Tone = state === 'failed' ? 'bad' : 'notice'
  const mark = state === 'failed' ? marks.failed : marks.warning
  const lines = [...groups].slice(0, REASONS_MAX).flatMap(([message, own]) => {
    const names = own.slice(0, 5).map(({ tenant }) => tenant)
    const others =
      own.length > names.length ? ` and ${formatCount(own.length - names.length)} more` : ''
    const text = harmless(`${names.join(', ')}${others}: ${message}`)
    return wrap(text, look.width - 4).map(
      (line, at) => `  ${at === 0 ? paint(look, tone, mark) : ' '} ${line}`,
    )
  })
  return [...lines, ...more(groups.size - REASONS_MAX, 'reason')]
}

function totalLine(totals: PlanTotalsData): string {
  const { planned, nothing, failed, certain, conditional, withoutEstimate } = totals
  const { estimatedMs, estimatedBytes } = totals
  return [
    planned === 0 ? 'nothing to do' : counted(certain, 'partition'),
    ...(conditional > 0
      ? [`${formatCount(conditional)} only if their inputs turn out changed`]
      : []),
    ...(planned > 0 ? [`for ${counted(planned, 'tenant')}`] : []),
    ...(nothing > 0 ? [`nothing for ${counted(nothing, 'tenant')}`] : []),
    ...(failed > 0 ? [`no plan for ${counted(failed, 'tenant')}`] : []),
    ...(estimatedMs === null ? [] : [`about ${formatDuration(estimatedMs)} of slots`]),
    ...(estimatedBytes ? [`${formatBytes(estimatedBytes)} to read`] : []),
    ...(withoutEstimate > 0 ? [`without an estimate: ${counted(withoutEstimate, 'tenant')}`] : []),
  ].join(' · ')
}
