import { statesOf, worstOf, type Lineage, type LineageNode } from '~/screens/lineage/model.ts'
import { lineageTexts as texts } from '~/texts/lineage.ts'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { KindIcon } from '~/ui/kind-icon.tsx'
import { StatusBar, StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

/** The same as the picture, for those who rather read. */
export function List({
  lineage,
  nodes,
  onOpen,
}: {
  readonly lineage: Lineage
  readonly nodes: readonly LineageNode[]
  readonly onOpen: (node: LineageNode) => void
}) {
  return (
    <DataTable
      label={texts.title}
      columns={columnsOf(lineage)}
      rows={nodes}
      rowKey={({ id }) => id}
      onOpen={onOpen}
      height="70dvh"
    />
  )
}

function columnsOf({ edges }: Lineage): Column<LineageNode>[] {
  const above = Map.groupBy(edges, ({ to }) => to)
  const below = Map.groupBy(edges, ({ from }) => from)
  const countOf = (map: ReadonlyMap<string, readonly unknown[]>, id: string) =>
    map.get(id)?.length ?? 0
  return [
    {
      id: 'name',
      title: texts.name,
      width: 'auto',
      sortBy: ({ name }) => name,
      cell: (node) => {
        const worst = worstOf([node])
        return (
          <span className="flex items-center gap-2" title={node.description}>
            {worst === null ? (
              <KindIcon kind={node.kind} size={12} />
            ) : (
              <StatusMark state={worst} title={texts.states[worst]} />
            )}
            <span className="truncate font-medium">{node.name}</span>
          </span>
        )
      },
    },
    {
      id: 'kind',
      title: texts.kind,
      width: 110,
      sortBy: ({ kind }) => kind,
      cell: ({ kind }) => texts.kinds[kind],
    },
    {
      id: 'partitions',
      title: texts.partitions,
      width: 170,
      cell: (node) =>
        node.states === null ? null : (
          <StatusBar counts={Object.fromEntries(statesOf([node]))} label={texts.partitions} />
        ),
    },
    {
      id: 'rows',
      title: texts.rows,
      width: 110,
      align: 'right',
      sortBy: ({ rows }) => (rows === null ? null : Number(rows)),
      cell: ({ rows, states }) => (states === null || rows === null ? '–' : formatCount(rows)),
    },
    {
      id: 'took',
      title: texts.lastTook,
      width: 100,
      align: 'right',
      sortBy: ({ lastMs }) => (lastMs === null ? null : Number(lastMs)),
      cell: ({ lastMs }) => (lastMs === null ? '–' : formatDuration(Number(lastMs))),
    },
    {
      id: 'published',
      title: texts.published,
      width: 140,
      sortBy: ({ publishedAt }) => publishedAt,
      cell: ({ publishedAt, states }) =>
        publishedAt !== null ? (
          <Time at={publishedAt} />
        ) : states === null ? (
          '–'
        ) : (
          <span className="text-faint">{texts.ghost}</span>
        ),
    },
    {
      id: 'quality',
      title: texts.quality,
      width: 120,
      align: 'right',
      sortBy: ({ quality }) => Number(quality?.failedChecks ?? 0),
      cell: ({ quality }) =>
        quality === null
          ? '–'
          : `${formatCount(quality.failedChecks)} / ${formatCount(quality.checks)}`,
    },
    {
      id: 'reads',
      title: texts.reads,
      width: 80,
      align: 'right',
      sortBy: ({ id }) => countOf(above, id),
      cell: ({ id }) => countOf(above, id),
    },
    {
      id: 'feeds',
      title: texts.feeds,
      width: 80,
      align: 'right',
      sortBy: ({ id }) => countOf(below, id),
      cell: ({ id }) => countOf(below, id),
    },
  ]
}
