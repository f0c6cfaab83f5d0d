import { useDeferredValue, useMemo, useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import type { GridRow, Square } from '~/matrix/grid.ts'
import { Legend } from '~/matrix/legend.tsx'
import { MatrixCanvas } from '~/matrix/matrix-canvas.tsx'
import { Minimap } from '~/matrix/minimap.tsx'
import { joined, placeText, readPlace, type Place } from '~/matrix/places.ts'
import { tileInWords } from '~/matrix/tile-tip.tsx'
import { boundsOf } from '~/matrix/tiles.ts'
import { useAddressOfView, viewOfAddress } from '~/matrix/use-address-of-view.ts'
import { createViewStore } from '~/matrix/view-store.ts'
import { PlanDialog } from '~/plan/plan-dialog.tsx'
import type { PlanQuestion } from '~/plan/question.ts'
import { RunStrip } from '~/plan/run-strip.tsx'
import { RowHead } from '~/screens/matrix/row-head.tsx'
import { RowsTable } from '~/screens/matrix/rows-table.tsx'
import { SelectionPanel } from '~/screens/matrix/selection-panel.tsx'
import { SquareDrawer } from '~/screens/matrix/square-drawer.tsx'
import { keyOf, SquareTip } from '~/screens/matrix/square-tip.tsx'
import { Toolbar } from '~/screens/matrix/toolbar.tsx'
import { useMatrix, type MatrixRow } from '~/screens/matrix/use-matrix.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Page } from '~/ui/page.tsx'
import { Answer, Empty, Skeleton } from '~/ui/states.tsx'

/** Longer selections are not kept in the address: browsers and proxies cut it off. */
const SELECTION_MOST = 6_000

interface Planned {
  readonly question: PlanQuestion
  readonly what: string
}

/** Datasets × time: what state every partition is in, and running again what is selected. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const address = useAddressValues()
  const setAddress = useSetAddress()
  const [store] = useState(() => createViewStore(viewOfAddress(address)))
  const search = useDeferredValue(address['q'] ?? '')
  const having = useMemo(() => listOf(address['states']), [address])
  const expand = useMemo(() => listOf(address['open']), [address])
  const isTable = address['view'] === 'table'
  const { query, input, grid, setSight } = useMatrix({ search, having, expand, isTable }, store)
  useAddressOfView(store, grid?.extent ?? null)

  const [long, setLong] = useState<readonly Place[] | null>(null)
  const linked = useMemo(
    () => (address['sel'] ?? '').split(';').flatMap((text) => readPlace(text) ?? []),
    [address],
  )
  const places = long ?? linked
  const texted = useMemo(() => places.map(placeText), [places])
  const select = (next: readonly Place[]) => {
    const text = next.map(placeText).join(';')
    setLong(text.length > SELECTION_MOST ? next : null)
    setAddress({ sel: text === '' || text.length > SELECTION_MOST ? undefined : text })
  }

  const [isHand, setHand] = useState(false)
  const [planned, setPlanned] = useState<Planned | null>(null)
  const [opened, setOpened] = useState<string | null>(null)
  const run = address['run']
  const toggle = (dataset: string) => {
    const next = expand.includes(dataset)
      ? expand.filter((other) => other !== dataset)
      : [...expand, dataset]
    setAddress({ open: next.length === 0 ? undefined : next.join(',') })
  }
  const open = (square: Square) => {
    const { row, run: tile, column, level } = square
    if (tile.squares === 1) setOpened(keyOf(square))
    else if (level === row.grain || level === 'all') {
      if (!expand.includes(row.dataset)) toggle(row.dataset)
    } else {
      const [from, to] = boundsOf(column, level)
      store.set({ from, to })
    }
  }
  const rows = grid
    ? Array.from({ length: grid.rowsAll }, (_, index) => grid.rowAt(index)).filter(
        (row) => row !== undefined,
      )
    : []
  const hasParts = rows.some(({ shown }) => shown.parts > 0)

  return (
    <Page
      wide
      title={texts.title}
      note={texts.note}
      asOf={query.data?.asOf}
      copy={{ call: { operation: 'matrix.show', input } }}
    >
      {run !== undefined && <RunStrip run={run} onHide={() => setAddress({ run: undefined })} />}
      <Answer of={query} waiting={<Waiting />}>
        {(data) => {
          const isFiltered = search !== '' || having.length > 0
          if (data.rowsAll === 0 && !isFiltered) return <Nothing tenant={tenant} />
          return (
            <Card flush>
              <Toolbar
                search={address['q'] ?? ''}
                onSearch={(q) => setAddress({ q: q === '' ? undefined : q })}
                isTable={isTable}
                onTable={(next) => setAddress({ view: next ? 'table' : undefined })}
                isHand={isHand}
                onHand={setHand}
                store={store}
                extent={grid?.extent ?? null}
                isBehind={data.isBehind}
              />
              <div className="px-4 pb-2">
                <Legend
                  states={data.states}
                  totals={data.totals}
                  chosen={having}
                  onChange={(states) =>
                    setAddress({ states: states.length === 0 ? undefined : states.join(',') })
                  }
                />
              </div>
              {data.rowsAll === 0 || !grid ? (
                <Empty
                  title={texts.unfit}
                  action={
                    <Button onClick={() => setAddress({ q: undefined, states: undefined })}>
                      {texts.again}
                    </Button>
                  }
                >
                  {texts.unfitHint}
                </Empty>
              ) : isTable ? (
                <RowsTable
                  rows={rows}
                  rowsAll={data.rowsAll}
                  states={data.states}
                  onSelect={(row) => select(joined(places, [wholeOf(row)]))}
                />
              ) : (
                <>
                  <div className="border-t border-line">
                    <MatrixCanvas
                      label={texts.label(data.rowsAll)}
                      grid={grid}
                      level={data.level}
                      store={store}
                      lit={data.states.map(
                        (state) => having.length === 0 || having.includes(state),
                      )}
                      places={places}
                      isHand={isHand}
                      onPlaces={(more, adds) => select(adds ? joined(places, more) : more)}
                      onOpen={open}
                      onSight={setSight}
                      corner={texts.rows(data.rowsAll)}
                      head={(row) => (
                        <RowHead
                          row={row as MatrixRow}
                          hasParts={hasParts}
                          isOpen={expand.includes(row.dataset)}
                          onToggle={() => toggle(row.dataset)}
                        />
                      )}
                      tooltip={(square) => <SquareTip square={square} states={data.states} />}
                      describe={(square) => tileInWords(square, data.states)}
                    />
                  </div>
                  {grid.overview && grid.extent && (
                    <div className="border-t border-line bg-sunken pl-30 sm:pl-52">
                      <Minimap
                        states={data.states}
                        overview={grid.overview}
                        extent={grid.extent}
                        store={store}
                      />
                    </div>
                  )}
                </>
              )}
            </Card>
          )
        }}
      </Answer>
      {texted.length > 0 && (
        <SelectionPanel
          places={texted}
          onClear={() => select([])}
          onOpen={({ dataset, partition }) => setOpened(`${dataset}@${partition}`)}
          onRerun={(parts, datasets) =>
            setPlanned({ question: { places: texted }, what: texts.selected(parts, datasets) })
          }
        />
      )}
      {opened !== null && (
        <SquareDrawer
          place={opened}
          isSource={rows.some(
            ({ dataset, shown }) =>
              dataset === readPlace(opened)?.dataset && shown.kind === 'source',
          )}
          onClose={() => setOpened(null)}
          onRerun={() => {
            setOpened(null)
            setPlanned({ question: { places: [opened] }, what: opened.replace('@', ' ') })
          }}
        />
      )}
      {planned && (
        <PlanDialog
          {...planned}
          onClose={() => setPlanned(null)}
          onStarted={({ id }) => setAddress({ run: id })}
        />
      )}
    </Page>
  )
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(',')
}

function wholeOf({ dataset, part }: GridRow): Place {
  return { dataset, part, grain: 'none', from: null, to: null }
}

function Waiting() {
  return (
    <Card>
      <div className="flex flex-col gap-2">
        <Skeleton className="h-8 w-1/2" />
        {Array.from({ length: 12 }, (_, row) => (
          <Skeleton key={row} className="h-5 w-full" />
        ))}
      </div>
    </Card>
  )
}

function Nothing({ tenant }: { readonly tenant: string }) {
  return (
    <Card>
      <Empty
        title={texts.empty}
        action={
          <ButtonLink look="primary" to="/t/$tenant/sources" params={{ tenant }}>
            {texts.sources}
          </ButtonLink>
        }
      >
        {texts.emptyHint}
      </Empty>
    </Card>
  )
}
