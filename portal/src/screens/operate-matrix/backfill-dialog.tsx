import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { common } from '~/texts/common.ts'
import { operateMatrixTexts as texts } from '~/texts/operate-matrix.ts'
import { Button } from '~/ui/button.tsx'
import { Stat } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Answer } from '~/ui/states.tsx'

type TenantPlan = OutputOf<'backfills.plan'>['tenants'][number]

export interface Region {
  readonly dataset: string
  readonly tenants: readonly string[]
  /** Absent: the dataset has no time, and all of it is meant. */
  readonly partition: string | undefined
}

const LISTED = 50

/** What would be filled for each tenant, before it is. */
export function BackfillDialog({
  region: { dataset, tenants, partition },
  what,
  onClose,
  onStarted,
}: {
  readonly region: Region
  readonly what: string
  readonly onClose: () => void
  readonly onStarted: (backfill: string) => void
}) {
  const [mode, setMode] = useState<'run' | 'rerun'>('run')
  const asked = {
    datasets: [dataset],
    tenants: [...tenants],
    mode,
    ...(partition !== undefined && { partition }),
  }
  const plan = useOperation('backfills.plan', { ...asked, limit: LISTED }, { keepFormer: true })
  const create = useChange('backfills.create', {
    onDone: ({ id }) => {
      onClose()
      onStarted(id)
    },
  })
  const { data } = plan
  const parts = data ? data.totals.certain + data.totals.conditional : 0
  return (
    <Dialog
      open
      size="wide"
      onClose={onClose}
      title={texts.backfill(what)}
      note={texts.backfillNote}
      actions={
        <>
          <Button look="quiet" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button
            look="primary"
            busy={create.isPending}
            disabled={plan.isPlaceholderData || (parts === 0 && data?.next === null)}
            onClick={() => create.mutate({ ...asked, title: texts.backfill(what).slice(0, 200) })}
          >
            {texts.start(parts)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Segments
          label={texts.mode}
          value={mode}
          onChange={setMode}
          segments={(['run', 'rerun'] as const).map((value) => ({
            value,
            label: texts.modes[value],
          }))}
        />
        <Answer of={plan}>
          {({ tenants: plans, totals, asked: all, next }) => (
            <>
              <div className="grid grid-cols-2 gap-4">
                <Stat
                  label={texts.sum}
                  value={formatCount(totals.certain + totals.conditional)}
                  note={texts.planned(totals.planned, totals.tenants)}
                />
                <Stat
                  label={texts.work}
                  value={totals.estimatedMs === null ? '–' : formatDuration(totals.estimatedMs)}
                />
              </div>
              <DataTable
                label={texts.backfill(what)}
                columns={columns}
                rows={plans}
                rowKey={({ tenant }) => tenant}
                height={300}
                rowHeight={32}
              />
              {next !== null && (
                <p className="text-xs text-faint">{texts.more(all - plans.length)}</p>
              )}
            </>
          )}
        </Answer>
      </div>
    </Dialog>
  )
}

const columns: readonly Column<TenantPlan>[] = [
  { id: 'tenant', title: texts.tenant, width: 180, cell: ({ tenant }) => tenant },
  {
    id: 'parts',
    title: texts.sum,
    width: 90,
    align: 'right',
    cell: ({ certain, conditional }) => formatCount(certain + conditional),
  },
  {
    id: 'span',
    title: texts.span,
    width: 220,
    cell: ({ first, last }) =>
      first === null ? '–' : first === last ? first : `${first} … ${last}`,
  },
  {
    id: 'problem',
    title: texts.problem,
    width: 'auto',
    cell: ({ state, error }) =>
      error ? (
        <span className={state === 'failed' ? 'text-bad' : 'text-faint'} title={error.remedy}>
          {error.message}
        </span>
      ) : state === 'nothing' ? (
        <span className="text-faint">{texts.nothing}</span>
      ) : null,
  },
]
