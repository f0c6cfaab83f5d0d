import type { RunView } from '~/screens/run/run-view.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatBytes, formatCount } from '~/ui/format.ts'
import { Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'

type Check = RunView['checks'][number]
type Source = RunView['sources'][number]

/** What the versions that the run wrote say of themselves. */
export function Findings({ view: { checks, sources } }: { readonly view: RunView }) {
  return (
    <>
      <Card flush title={texts.checksTitle}>
        {checks.length === 0 ? (
          <Empty title={texts.checksNone} />
        ) : (
          <DataTable
            label={texts.checksTitle}
            columns={checkColumns}
            rows={checks}
            rowKey={({ dataset, partition, name }) => `${dataset} ${partition} ${name}`}
          />
        )}
      </Card>
      <Card flush title={texts.filesTitle}>
        {sources.length === 0 ? (
          <Empty title={texts.filesNone} />
        ) : (
          <DataTable
            label={texts.filesTitle}
            columns={sourceColumns}
            rows={sources}
            rowKey={({ dataset, partition }) => `${dataset} ${partition}`}
          />
        )}
      </Card>
    </>
  )
}

const checkColumns: readonly Column<Check>[] = [
  {
    id: 'severity',
    title: texts.severity,
    width: 120,
    cell: ({ severity }) => (
      <Status
        state={severity === 'blocking' ? 'held' : 'warning'}
        label={texts.severities[severity]}
      />
    ),
  },
  {
    id: 'where',
    title: texts.partition,
    width: 260,
    cell: ({ dataset, partition }) => `${dataset} ${partition}`,
  },
  { id: 'check', title: texts.check, width: 160, cell: ({ name }) => name },
  {
    id: 'found',
    title: texts.why,
    width: 'auto',
    cell: ({ message }) => <span title={message}>{message}</span>,
  },
]

const sourceColumns: readonly Column<Source>[] = [
  {
    id: 'where',
    title: texts.partition,
    width: 200,
    cell: ({ dataset, partition }) => `${dataset} ${partition}`,
  },
  {
    id: 'file',
    title: texts.file,
    width: 'auto',
    cell: ({ location }) => <span title={location}>{location}</span>,
  },
  {
    id: 'size',
    title: texts.size,
    width: 100,
    align: 'right',
    sortBy: ({ sizeBytes }) => sizeBytes,
    cell: ({ sizeBytes }) => formatBytes(sizeBytes),
  },
  {
    id: 'received',
    title: texts.received,
    width: 110,
    align: 'right',
    sortBy: ({ received }) => received,
    cell: ({ received }) => formatCount(received),
  },
  {
    id: 'accepted',
    title: texts.accepted,
    width: 110,
    align: 'right',
    sortBy: ({ accepted }) => accepted,
    cell: ({ accepted }) => formatCount(accepted),
  },
  {
    id: 'quarantined',
    title: texts.quarantined,
    width: 110,
    align: 'right',
    sortBy: ({ quarantined }) => quarantined,
    cell: ({ quarantined }) => (
      <span className={quarantined > 0 ? 'text-warn' : ''}>{formatCount(quarantined)}</span>
    ),
  },
]
