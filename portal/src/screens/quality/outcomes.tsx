import { useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperationPages } from '~/api/operation.ts'
import { useSetAddress } from '~/browser/address.ts'
import { qualityTexts as texts } from '~/texts/quality.ts'
import { Button, IconButton } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount } from '~/ui/format.ts'
import { Problem, SkeletonRows } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Outcome = OutputOf<'quality.outcomes'>['outcomes'][number]

/** What one check found, version by version. */
export function Outcomes({
  dataset,
  check,
  slot,
  by,
}: {
  readonly dataset: string
  readonly check: string
  /** A day or a part; undefined: all of them. */
  readonly slot: string | undefined
  readonly by: 'day' | 'partition'
}) {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const set = useSetAddress()
  const where = slot === undefined ? {} : by === 'day' ? { day: slot } : { partition: slot }
  const pages = useOperationPages(
    'quality.outcomes',
    { dataset, check, limit: 100, ...where },
    { cursorField: 'after' },
  )
  const rows = pages.data?.pages.flatMap((page) => page.outcomes) ?? []
  return (
    <Card
      flush
      title={texts.found(check, dataset)}
      note={slot === undefined ? texts.foundNote : `${slot} · ${texts.foundNote}`}
      actions={
        <>
          {slot !== undefined && (
            <Button size="small" look="quiet" onClick={() => set({ slot: undefined })}>
              {texts.foundAll}
            </Button>
          )}
          <IconButton
            label={texts.clear}
            onClick={() => set({ check: undefined, of: undefined, slot: undefined })}
          >
            <X size={16} />
          </IconButton>
        </>
      }
    >
      {pages.error ? (
        <Problem error={pages.error} again={() => void pages.refetch()} />
      ) : pages.isPending ? (
        <SkeletonRows rows={3} />
      ) : (
        <DataTable
          label={texts.found(check, dataset)}
          height={320}
          columns={columns}
          rows={rows}
          rowKey={({ version }) => version}
          onOpen={({ run }) =>
            void navigate({ to: '/t/$tenant/runs/$run', params: { tenant, run } })
          }
          onEnd={() => {
            if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage()
          }}
        />
      )}
    </Card>
  )
}

const columns: readonly Column<Outcome>[] = [
  {
    id: 'outcome',
    title: texts.outcome,
    width: 170,
    cell: ({ passed, severity }) =>
      passed ? (
        <Status state="passed" label={texts.kept} />
      ) : (
        <Status
          state={severity === 'blocking' ? 'failed' : 'warning'}
          label={severity === 'blocking' ? texts.blockingWord : texts.notKept}
        />
      ),
  },
  {
    id: 'part',
    title: texts.part,
    width: 180,
    sortBy: ({ partition }) => partition,
    cell: ({ partition, isCurrent, state }) => (
      <span title={partition}>
        {partition}
        {!isCurrent && (
          <span className="ml-2 text-xs text-faint">
            {state === 'held' ? texts.heldBack : texts.former}
          </span>
        )}
      </span>
    ),
  },
  {
    id: 'what',
    title: texts.what,
    width: 'auto',
    cell: ({ message }) => <span title={message}>{message}</span>,
  },
  {
    id: 'rows',
    title: texts.badRows,
    width: 90,
    align: 'right',
    sortBy: ({ failingRows }) => failingRows,
    cell: ({ failingRows }) => (failingRows === null ? '–' : formatCount(failingRows)),
  },
  {
    id: 'when',
    title: texts.when,
    width: 140,
    sortBy: ({ at }) => at,
    cell: ({ at }) => <Time at={at} />,
  },
]
