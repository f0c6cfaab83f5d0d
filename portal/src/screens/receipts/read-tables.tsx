import type { OutputOf } from '~/api/client.ts'
import { useOperationPages } from '~/api/operation.ts'
import { receiptTexts as texts } from '~/texts/receipts.ts'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatBytes, formatCount } from '~/ui/format.ts'
import { RunLink } from '~/ui/run-link.tsx'
import { Problem, SkeletonRows } from '~/ui/states.tsx'
import { Status, StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Version = OutputOf<'receipts.versions'>['versions'][number]
type Source = OutputOf<'receipts.sources'>['sources'][number]

/** Each version that was read, partition by partition. */
export function VersionTable({ receipt }: { readonly receipt: string }) {
  const pages = useOperationPages(
    'receipts.versions',
    { receipt, limit: 200 },
    { cursorField: 'after' },
  )
  if (pages.data === undefined) {
    return pages.error === null ? (
      <SkeletonRows rows={4} />
    ) : (
      <Problem error={pages.error} again={() => void pages.refetch()} />
    )
  }
  return (
    <DataTable
      label={texts.versions}
      columns={versionColumns}
      rows={pages.data.pages.flatMap(({ versions }) => versions)}
      rowKey={({ dataset, partition }) => `${dataset} ${partition}`}
      onEnd={
        pages.hasNextPage && !pages.isFetchingNextPage
          ? () => void pages.fetchNextPage()
          : undefined
      }
      height={360}
    />
  )
}

const versionColumns: readonly Column<Version>[] = [
  { id: 'dataset', title: texts.dataset, width: 'auto', cell: ({ dataset }) => dataset },
  { id: 'partition', title: texts.partition, width: 120, cell: ({ partition }) => partition },
  {
    id: 'rows',
    title: texts.rowsTitle,
    width: 100,
    align: 'right',
    cell: ({ rows }) => formatCount(rows),
  },
  {
    id: 'checks',
    title: texts.checks,
    width: 100,
    cell: ({ checks: { all, failed } }) => (
      <span className="inline-flex items-center gap-1.5">
        <StatusMark state={failed > 0 ? 'warning' : 'passed'} />
        {all - failed}/{all}
      </span>
    ),
  },
  {
    id: 'state',
    title: texts.state,
    width: 130,
    cell: ({ isCurrent }) => (
      <Status
        state={isCurrent ? 'fresh' : 'stale'}
        label={isCurrent ? texts.served : texts.former}
      />
    ),
  },
  {
    id: 'published',
    title: texts.published,
    width: 140,
    cell: ({ publishedAt }) => (publishedAt === null ? '–' : <Time at={publishedAt} />),
  },
  {
    id: 'run',
    title: texts.run,
    width: 190,
    cell: ({ run }) => run !== null && <RunLink run={run} />,
  },
]

/** Each object that a source was read from. */
export function SourceTable({ sources }: { readonly sources: readonly Source[] }) {
  return (
    <DataTable
      label={texts.sources}
      columns={sourceColumns}
      rows={sources}
      rowKey={({ dataset, partition }) => `${dataset} ${partition}`}
      height={360}
    />
  )
}

const sourceColumns: readonly Column<Source>[] = [
  {
    id: 'location',
    title: texts.location,
    width: 'auto',
    cell: ({ location }) => <bdi title={location}>{location}</bdi>,
  },
  { id: 'dataset', title: texts.dataset, width: 130, cell: ({ dataset }) => dataset },
  { id: 'partition', title: texts.partition, width: 110, cell: ({ partition }) => partition },
  {
    id: 'size',
    title: texts.size,
    width: 90,
    align: 'right',
    sortBy: ({ sizeBytes }) => sizeBytes,
    cell: ({ sizeBytes }) => formatBytes(sizeBytes),
  },
  {
    id: 'received',
    title: texts.received,
    width: 100,
    align: 'right',
    sortBy: ({ received }) => received,
    cell: ({ received }) => formatCount(received),
  },
  {
    id: 'held',
    title: texts.heldBack,
    width: 100,
    align: 'right',
    sortBy: ({ quarantined }) => quarantined,
    cell: ({ quarantined }) => formatCount(quarantined),
  },
  {
    id: 'modified',
    title: texts.modified,
    width: 140,
    cell: ({ modifiedAt }) => <Time at={modifiedAt} />,
  },
]
