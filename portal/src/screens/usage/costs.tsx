import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { valuesByDay } from '~/screens/usage/days.ts'
import { usageTexts as texts } from '~/texts/usage.ts'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Bars } from '~/ui/drawings.tsx'
import { formatBytes, formatCount, formatDuration, formatShare } from '~/ui/format.ts'
import { Empty } from '~/ui/states.tsx'

type Cost = OutputOf<'usage.costs'>['datasets'][number]

/** Slot time by dataset, the dearest first. */
export function Costs({
  datasets,
  days,
}: {
  readonly datasets: readonly Cost[]
  readonly days: readonly string[]
}) {
  const tenant = useTenant() ?? ''
  const all = datasets.reduce((sum, { slotSeconds }) => sum + slotSeconds, 0) || 1
  const columns = useMemo(
    (): readonly Column<Cost>[] => [
      {
        id: 'dataset',
        title: texts.dataset,
        width: 'auto',
        sortBy: ({ dataset }) => dataset,
        cell: ({ dataset }) => (
          <Link
            to="/t/$tenant/analyses/$dataset"
            params={{ tenant, dataset }}
            className="font-medium hover:underline"
          >
            {dataset}
          </Link>
        ),
      },
      {
        id: 'share',
        title: texts.share,
        width: 170,
        sortBy: ({ slotSeconds }) => slotSeconds,
        cell: ({ slotSeconds }) => (
          <span className="flex items-center gap-2">
            <span aria-hidden className="h-1.5 w-20 overflow-hidden rounded-full bg-sunken">
              <span
                className="block h-full rounded-full bg-accent"
                style={{ width: `${(slotSeconds / all) * 100}%` }}
              />
            </span>
            {formatShare(slotSeconds / all)}
          </span>
        ),
      },
      {
        id: 'time',
        title: texts.time,
        width: 110,
        align: 'right',
        sortBy: ({ slotSeconds }) => slotSeconds,
        cell: ({ slotSeconds }) => formatDuration(slotSeconds * 1000),
      },
      {
        id: 'days',
        title: texts.byDay,
        width: 130,
        cell: ({ dataset, days: own }) => (
          <Bars
            values={valuesByDay(days, own, ({ slotSeconds }) => slotSeconds)}
            label={texts.costBars(dataset)}
          />
        ),
      },
      {
        id: 'tasks',
        title: texts.tasks,
        width: 90,
        align: 'right',
        sortBy: ({ tasks }) => tasks,
        cell: ({ tasks }) => formatCount(tasks),
      },
      {
        id: 'each',
        title: texts.perTask,
        width: 100,
        align: 'right',
        sortBy: ({ slotSeconds, tasks }) => slotSeconds / tasks,
        cell: ({ slotSeconds, tasks }) => formatDuration((slotSeconds / tasks) * 1000),
      },
      {
        id: 'read',
        title: texts.read,
        width: 100,
        align: 'right',
        sortBy: ({ readBytes }) => readBytes,
        cell: ({ readBytes }) => formatBytes(readBytes),
      },
    ],
    [all, days, tenant],
  )
  return (
    <DataTable
      label={texts.costs}
      columns={columns}
      rows={datasets}
      rowKey={({ dataset }) => dataset}
      empty={<Empty title={texts.noCosts}>{texts.noCostsHint}</Empty>}
    />
  )
}
