import { paint, type Look } from '#cli/render/look.ts'
import { renderTable } from '#cli/render/table.ts'
import { formatInstant } from '#cli/render/units.ts'
import { formatCount, formatDuration } from '#kernel/units.ts'
import type { OutputOf } from '#operations/operation.ts'
import type { listLimitsOperation } from '#operations/limits/list.ts'
import type { showQueue } from '#operations/queue/show.ts'
import type { listWorkersOperation } from '#operations/workers/list.ts'

export function renderQueue(
  look: Look,
  { tenants, pauses }: OutputOf<(typeof showQueue)['output']>,
): string[] {
  const right = (title: string) => ({ title, align: 'right', fixed: true }) as const
  const columns = [
    { title: 'tenant' },
    right('running'),
    right('slots'),
    right('share'),
    right('ready'),
    right('key busy'),
    right('delayed'),
    right('for inputs'),
    right('oldest'),
  ]
  const table = renderTable(
    look,
    columns,
    tenants.map((row) => [
      row.tenant,
      formatCount(row.running),
      formatCount(row.slots),
      `${Math.round(row.share * 100)} %`,
      formatCount(row.ready),
      formatCount(row.parked),
      formatCount(row.delayed),
      formatCount(row.waiting),
      row.oldestWaitMs === null ? '' : formatDuration(row.oldestWaitMs),
    ]),
  )
  const paused = pauses.map(({ tenant, scope, value, reason, since }) => [
    { text: 'paused', tone: 'notice' } as const,
    [
      tenant ?? 'all tenants',
      ...(scope === 'all' || scope === 'tenant' ? [] : [scope, value]),
    ].join(' '),
    formatInstant(since),
    reason,
  ])
  return [
    ...(tenants.length > 0 ? table : ['  Nothing waits and nothing runs.']),
    ...renderTable(look, [{ title: '' }, { title: '' }, { title: '' }, { title: '' }], paused),
  ]
}

export function renderLimits(
  look: Look,
  { limits }: OutputOf<(typeof listLimitsOperation)['output']>,
): string[] {
  if (limits.length === 0) return ['  No limits.']
  return renderTable(
    look,
    [
      { title: 'of' },
      { title: 'scope' },
      { title: 'value' },
      { title: 'running' },
      { title: 'rate' },
    ],
    limits.map((limit) => [
      limit.tenant ?? 'all tenants',
      limit.scope,
      limit.value,
      limit.running === null
        ? ''
        : {
            text: `${limit.runningNow} of ${limit.running}`,
            tone: limit.runningNow >= limit.running ? 'notice' : 'good',
          },
      limit.rate === null
        ? ''
        : {
            text: `${limit.rate}, ${limit.startsLeft ?? 0} left`,
            tone: (limit.startsLeft ?? 0) > 0 ? 'good' : 'notice',
          },
    ]),
  )
}

export function renderWorkers(
  look: Look,
  { workers }: OutputOf<(typeof listWorkersOperation)['output']>,
): string[] {
  if (workers.length === 0) return [`  ${paint(look, 'notice', 'No worker is there.')}`]
  return renderTable(
    look,
    [
      { title: 'worker' },
      { title: 'state', fixed: true },
      { title: 'does', fixed: true },
      { title: 'busy', align: 'right', fixed: true },
      { title: 'tags' },
      { title: 'version', fixed: true },
      { title: 'seen', fixed: true },
    ],
    workers.map((worker) => [
      worker.id,
      {
        text: worker.state,
        tone: ({ running: 'good', stopping: 'notice', gone: 'bad' } as const)[worker.state],
      },
      worker.does,
      `${worker.busy} of ${worker.slots}`,
      worker.tags.join(', '),
      worker.version,
      formatInstant(worker.seenAt),
    ]),
  )
}
