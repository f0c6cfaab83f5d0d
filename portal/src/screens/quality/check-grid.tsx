import { Check, X } from 'lucide-react'

import { useOperationPages } from '~/api/operation.ts'
import type { OutputOf } from '~/api/client.ts'
import { useAddressState, useAddressValues, useSetAddress } from '~/browser/address.ts'
import { HeatGrid, type GridCell } from '~/intake/heat-grid.tsx'
import { Outcomes } from '~/screens/quality/outcomes.tsx'
import { common } from '~/texts/common.ts'
import { qualityTexts as texts } from '~/texts/quality.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Empty, Problem, SkeletonRows } from '~/ui/states.tsx'

type CheckRow = OutputOf<'quality.checks'>['checks'][number]

const LIMIT = 60
/** Columns of a part, of which a narrow screen shows the newest first. */
const PARTITIONS = 31

/** Checks by day or by part: kept or not. A square leads to what was found. */
export function CheckGrid({ dataset, days }: { readonly dataset: string; readonly days: number }) {
  const [by, setBy] = useAddressState<'day' | 'partition'>('by', 'day')
  const { check, of, slot } = useAddressValues()
  const set = useSetAddress()
  const pages = useOperationPages(
    'quality.checks',
    { by, days, partitions: PARTITIONS, limit: LIMIT, ...(dataset !== '' && { dataset }) },
    { cursorField: 'after' },
  )
  const checks = pages.data?.pages.flatMap((page) => page.checks) ?? []
  const cut = [...new Set(pages.data?.pages.flatMap((page) => page.cut))]
  const groups = Map.groupBy(checks, (one) => (by === 'day' ? '' : one.dataset))
  const picked =
    check !== undefined && of !== undefined ? { row: `${of} ${check}`, column: slot ?? '' } : null
  return (
    <>
      <Card
        title={texts.grid}
        note={texts.gridNote[by]}
        actions={
          <Segments
            label={texts.by}
            value={by}
            onChange={(value) => {
              set({ check: undefined, of: undefined, slot: undefined })
              setBy(value)
            }}
            segments={[
              { value: 'day', label: texts.byDay },
              { value: 'partition', label: texts.byPartition },
            ]}
          />
        }
      >
        {pages.error ? (
          <Problem error={pages.error} again={() => void pages.refetch()} />
        ) : pages.isPending ? (
          <SkeletonRows />
        ) : checks.length === 0 ? (
          <Empty title={texts.noChecks}>{texts.noChecksHint}</Empty>
        ) : (
          <div className="flex flex-col gap-4">
            {Array.from(groups, ([name, rows]) => (
              <Grid
                key={name}
                name={name}
                rows={rows}
                slots={name === '' ? (pages.data?.pages[0]?.days ?? []) : slotsOf(rows)}
                picked={picked}
                onPick={(row, column) => set({ check: row.check, of: row.dataset, slot: column })}
              />
            ))}
            <Legend />
            {cut.length > 0 && <p className="text-xs text-warn">{texts.cut(cut.join(', '))}</p>}
            {pages.hasNextPage && (
              <div>
                <Button
                  size="small"
                  busy={pages.isFetchingNextPage}
                  onClick={() => void pages.fetchNextPage()}
                >
                  {common.showMore}
                </Button>
              </div>
            )}
          </div>
        )}
      </Card>
      {check !== undefined && of !== undefined && (
        <Outcomes key={`${of} ${check} ${slot}`} dataset={of} check={check} slot={slot} by={by} />
      )}
    </>
  )
}

function Grid({
  name,
  rows,
  slots,
  picked,
  onPick,
}: {
  /** Of the dataset; empty: of several. */
  readonly name: string
  readonly rows: readonly CheckRow[]
  readonly slots: readonly string[]
  readonly picked: { readonly row: string; readonly column: string } | null
  readonly onPick: (row: CheckRow, slot: string) => void
}) {
  const byKey = new Map(rows.map((row) => [`${row.dataset} ${row.check}`, row]))
  const cells = new Map(
    rows.map((row) => [
      `${row.dataset} ${row.check}`,
      new Map(row.cells.map((cell) => [cell.slot, cell])),
    ]),
  )
  return (
    <section className="min-w-0">
      {name !== '' && <h3 className="mb-1 text-xs font-semibold text-soft">{name}</h3>}
      <HeatGrid
        stretch={name === ''}
        label={name === '' ? texts.grid : `${texts.grid}: ${name}`}
        rows={rows.map((row) => ({
          key: `${row.dataset} ${row.check}`,
          name: `${row.dataset}: ${row.check} (${texts.severities[row.severity]})`,
          label: (
            <>
              <span className="text-ink">{row.check}</span>
              {name === '' && <span className="ml-1.5 text-faint">{row.dataset}</span>}
            </>
          ),
        }))}
        columns={slots.map((slot, at) => ({ key: slot, label: labelOf(slot, at) }))}
        cell={(row, { key }) => {
          const check = byKey.get(row.key)
          const cell = cells.get(row.key)?.get(key)
          return check && cell ? drawn(check, cell) : null
        }}
        picked={picked}
        onPick={(row, column) => {
          const check = byKey.get(row.key)
          if (check) onPick(check, column.key)
        }}
      />
    </section>
  )
}

function drawn(row: CheckRow, cell: CheckRow['cells'][number]): GridCell {
  const all = cell.passed + cell.failed
  const found =
    cell.failed === 0
      ? texts.cellKept(formatCount(cell.passed))
      : texts.cellFailed(formatCount(cell.failed), formatCount(all)) +
        (cell.failingRows > 0 ? texts.cellRows(formatCount(cell.failingRows)) : '')
  const words = texts.cell(`${row.dataset} ${row.check}`, cell.slot, found)
  if (cell.failed === 0) return { words, colour: 'var(--good)', strength: 0.35 }
  const isBlocking = row.severity === 'blocking'
  return {
    words,
    colour: isBlocking ? 'var(--bad)' : 'var(--warn)',
    strength: 0.25 + 0.3 * (cell.failed / all),
    mark: isBlocking ? <X size={12} strokeWidth={3} aria-hidden /> : '!',
  }
}

function Legend() {
  const item = (colour: string, label: string, mark?: React.ReactNode) => (
    <span className="inline-flex items-center gap-1.5">
      <span
        aria-hidden
        className="inline-flex size-3.5 items-center justify-center rounded-xs text-2xs leading-none text-ink"
        style={{ background: `color-mix(in oklab, ${colour} 60%, var(--surface))` }}
      >
        {mark}
      </span>
      {label}
    </span>
  )
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {item('var(--good)', texts.kept, <Check size={10} aria-hidden className="opacity-0" />)}
      {item('var(--warn)', texts.notKept, '!')}
      {item('var(--bad)', texts.blockingWord, <X size={10} strokeWidth={3} aria-hidden />)}
      {item('var(--sunken)', texts.notChecked)}
    </div>
  )
}

/** Parts that any of the checks knows, the newest at the right. */
function slotsOf(rows: readonly CheckRow[]): readonly string[] {
  return [...new Set(rows.flatMap(({ cells }) => cells.map(({ slot }) => slot)))].toSorted()
}

/** Of days the first of each week's worth; of parts every fifth. */
function labelOf(slot: string, at: number): string | null {
  if (at % 7 !== 0) return null
  return /^\d{4}-\d\d-\d\d$/.test(slot) ? slot.slice(5) : slot
}
