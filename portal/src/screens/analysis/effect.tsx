import type { OutputOf } from '~/api/client.ts'
import { useOperationPages } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { formatMove } from '~/screens/analysis/figures.ts'
import { MovedFigures } from '~/screens/analysis/moved-figures.tsx'
import { analysesTexts } from '~/texts/analyses.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount } from '~/ui/format.ts'
import { RunLink } from '~/ui/run-link.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

const texts = analysesTexts.one

type Move = OutputOf<'analyses.effect'>['moves'][number]

/** Which partitions a code computed again, and how each differs from before. */
export function Effect({
  analysis,
  codeVersion,
}: {
  readonly analysis: string
  readonly codeVersion: string
}) {
  const pages = useOperationPages(
    'analyses.effect',
    { analysis, codeVersion },
    { cursorField: 'after' },
  )
  const [partition, setPartition] = useAddressState('partition', '')
  return (
    <Card flush title={texts.effect}>
      <Answer of={pages}>
        {({ pages: all }) => {
          const [first] = all
          const moves = all.flatMap((page) => page.moves)
          const chosen = moves.find((move) => move.partition === partition)
          if (!first || first.partitions === 0) return <Empty title={texts.neverUsed} />
          return (
            <>
              <Counts effect={first} />
              <DataTable
                label={texts.effect}
                columns={columns}
                rows={moves}
                rowKey={(move) => move.partition}
                selected={(move) => move.partition === partition}
                onOpen={(move) => setPartition(move.partition)}
                onEnd={pages.hasNextPage ? () => void pages.fetchNextPage() : undefined}
                height={320}
              />
              <div className="border-t border-line p-4">
                {chosen ? (
                  <MovedFigures analysis={analysis} move={chosen} />
                ) : (
                  <p className="text-sm text-faint">{texts.choose}</p>
                )}
              </div>
            </>
          )
        }}
      </Answer>
    </Card>
  )
}

/** Different, the same, first: as one bar, and in words. */
function Counts({ effect }: { readonly effect: OutputOf<'analyses.effect'> }) {
  const { partitions, same, first } = effect
  const changed = partitions - same - first
  const words = texts.effectCounts(
    formatCount(partitions),
    formatCount(changed),
    formatCount(same),
    formatCount(first),
  )
  const parts = [
    ['changed', changed, 'bg-(--series-2)'],
    ['same', same, 'bg-(--series-3)'],
    ['first', first, 'hatched text-soft bg-sunken'],
  ] as const
  return (
    <div className="px-4 pb-3">
      <p className="num text-xs text-soft">{words}</p>
      <div aria-hidden className="mt-2 flex h-2 gap-px overflow-hidden rounded-full bg-sunken">
        {parts.map(([name, count, look]) =>
          count > 0 ? (
            <span key={name} className={look} style={{ width: `${(count / partitions) * 100}%` }} />
          ) : null,
        )}
      </div>
    </div>
  )
}

function moveWords(move: Move): string {
  if (move.formerRows === null) return texts.firstTime
  return move.isSame ? texts.same : texts.different
}

const columns: readonly Column<Move>[] = [
  {
    id: 'partition',
    title: texts.partition,
    width: 'auto',
    cell: ({ partition }) => partition,
  },
  {
    id: 'how',
    title: texts.change,
    width: 130,
    cell: (move) => (
      <span className="flex items-center gap-2">
        <StatusMark
          state={move.formerRows === null ? 'ready' : move.isSame ? 'unchanged' : 'stale'}
        />
        {moveWords(move)}
      </span>
    ),
  },
  {
    id: 'before',
    title: texts.before,
    width: 110,
    align: 'right',
    cell: ({ formerRows }) => (formerRows === null ? '–' : formatCount(formerRows)),
  },
  {
    id: 'after',
    title: texts.after,
    width: 110,
    align: 'right',
    cell: ({ rows }) => formatCount(rows),
  },
  {
    id: 'move',
    title: texts.moved,
    width: 90,
    align: 'right',
    cell: ({ rows, formerRows }) =>
      formerRows === null
        ? '–'
        : (formatMove({ before: Number(formerRows), after: Number(rows) }) ?? '–'),
  },
  { id: 'at', title: texts.when, width: 140, cell: ({ at }) => <Time at={at} /> },
  { id: 'run', title: texts.run, width: 110, cell: ({ run }) => <RunLink run={run} short /> },
]
