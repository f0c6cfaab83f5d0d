import { useQuery } from '@tanstack/react-query'

import type { MillraceError } from '#sdk/error.ts'
import { useTenant } from '~/api/access.ts'
import { callOperation, type OutputOf } from '~/api/client.ts'
import { formatMove, movedFigures, type Moved } from '~/screens/analysis/figures.ts'
import { analysesTexts } from '~/texts/analyses.ts'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'

const texts = analysesTexts.one

type Move = OutputOf<'analyses.effect'>['moves'][number]

/** So many rows are summed at most. */
const ROWS = 1_000

/** Sums of a partition's numbers before and after, each as a pair of bars. */
export function MovedFigures({
  analysis,
  move,
}: {
  readonly analysis: string
  readonly move: Move
}) {
  const figures = useFigures(analysis, move)
  return (
    <div className="flex flex-col gap-2">
      <div>
        <h3 className="text-sm font-semibold">{texts.figures}</h3>
        <p className="text-xs text-faint">{texts.figuresNote(move.partition)}</p>
      </div>
      <Answer of={figures}>
        {({ moved, isCut }) => (
          <>
            {moved.length === 0 && <p className="text-sm text-soft">{texts.noNumbers}</p>}
            <ul className="grid gap-x-8 gap-y-2 sm:grid-cols-2">
              {moved.map((figure) => (
                <li key={figure.column}>
                  <Pair figure={figure} />
                </li>
              ))}
            </ul>
            {isCut && <p className="text-xs text-warn">{texts.ofRows(formatCount(ROWS))}</p>}
          </>
        )}
      </Answer>
    </div>
  )
}

function Pair({ figure }: { readonly figure: Moved }) {
  const { column, before, after } = figure
  const top = Math.max(Math.abs(before), Math.abs(after), 1e-9)
  const width = (value: number) => ({ width: `${Math.max((Math.abs(value) / top) * 100, 0.5)}%` })
  return (
    <div className="num text-sm">
      <div className="flex items-baseline gap-2">
        <span className="min-w-0 truncate font-medium">{column}</span>
        <span className="ml-auto text-soft">
          {plain.format(before)} → {plain.format(after)}
        </span>
        <span className="w-16 text-right font-medium">{formatMove(figure) ?? '–'}</span>
      </div>
      <div aria-hidden className="mt-1 flex flex-col gap-0.5">
        <span className="h-1.5 rounded-full bg-line-strong opacity-50" style={width(before)} />
        <span className="h-1.5 rounded-full bg-(--series-1)" style={width(after)} />
      </div>
    </div>
  )
}

const plain = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })

function useFigures(dataset: string, { partition, commit, formerCommit }: Move) {
  const tenant = useTenant()
  return useQuery<{ moved: readonly Moved[]; isCut: boolean }, MillraceError>({
    queryKey: ['call', tenant, 'analyses.figures', { dataset, partition, commit, formerCommit }],
    queryFn: async ({ signal }) => {
      const at = async (asOf: number) => {
        const input = {
          dataset,
          partition,
          asOf: String(asOf),
          limit: ROWS,
          format: 'json' as const,
        }
        const stream = await callOperation(tenant, 'datasets.rows', input, { signal })
        const rows = await stream.all()
        return { rows, isCut: (stream.totalRows ?? rows.length) > rows.length }
      }
      const after = await at(Number(commit))
      const before = formerCommit === null ? after : await at(Number(formerCommit))
      return {
        moved: movedFigures(formerCommit === null ? [] : before.rows, after.rows),
        isCut: after.isCut || before.isCut,
      }
    },
    retry: false,
    staleTime: 600_000,
  })
}
