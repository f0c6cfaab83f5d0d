import type { MatrixRow } from '~/screens/matrix/use-matrix.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { Button } from '~/ui/button.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount } from '~/ui/format.ts'
import { StatusBar, StatusMark } from '~/ui/status.tsx'

/** The same rows in words and numbers: for readers of screens, and for whoever wants figures. */
export function RowsTable({
  rows,
  rowsAll,
  states,
  onSelect,
}: {
  readonly rows: readonly MatrixRow[]
  readonly rowsAll: number
  readonly states: readonly (keyof typeof texts.states)[]
  readonly onSelect: (row: MatrixRow) => void
}) {
  const shown = states.filter((_state, code) =>
    rows.some((row) => (row.shown.totals[code] ?? 0) > 0),
  )
  const columns: readonly Column<MatrixRow>[] = [
    {
      id: 'row',
      title: texts.dataset,
      width: 'auto',
      sortBy: ({ key }) => key,
      cell: ({ dataset, part, label, shown: { description } }) => (
        <span title={description}>{part === null ? dataset : `${dataset} · ${label}`}</span>
      ),
    },
    {
      id: 'bar',
      title: texts.columns.state,
      width: 160,
      cell: ({ label, shown: { totals } }) => (
        <StatusBar
          label={label}
          counts={Object.fromEntries(states.map((state, code) => [state, totals[code] ?? 0]))}
        />
      ),
    },
    ...shown.map((state): Column<MatrixRow> => {
      const code = states.indexOf(state)
      return {
        id: state,
        title: (
          <span className="inline-flex items-center gap-1" title={texts.meanings[state]}>
            <StatusMark state={state} size={10} />
            {texts.states[state]}
          </span>
        ),
        width: 92,
        align: 'right',
        sortBy: (row) => row.shown.totals[code] ?? 0,
        cell: (row) => formatCount(row.shown.totals[code] ?? 0),
      }
    }),
    {
      id: 'select',
      title: <span className="sr-only">{texts.drags.select}</span>,
      width: 90,
      cell: (row) => (
        <Button size="small" look="quiet" onClick={() => onSelect(row)}>
          {texts.drags.select}
        </Button>
      ),
    },
  ]
  return (
    <>
      <DataTable
        label={texts.label(rows.length)}
        columns={columns}
        rows={rows}
        rowKey={({ key }) => key}
        height="62dvh"
      />
      {rowsAll > rows.length && (
        <p className="px-4 py-2 text-xs text-faint">{texts.leftOut(rowsAll - rows.length)}</p>
      )}
    </>
  )
}
