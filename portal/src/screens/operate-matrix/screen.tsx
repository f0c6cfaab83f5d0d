import { Link, useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useState } from 'react'

import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import type { Square } from '~/matrix/grid.ts'
import { Legend } from '~/matrix/legend.tsx'
import { MatrixCanvas } from '~/matrix/matrix-canvas.tsx'
import { placeText, type Place } from '~/matrix/places.ts'
import { TileTip, tileInWords } from '~/matrix/tile-tip.tsx'
import { useAddressOfView, viewOfAddress } from '~/matrix/use-address-of-view.ts'
import { createViewStore } from '~/matrix/view-store.ts'
import { Zoom } from '~/matrix/zoom.tsx'
import { BackfillDialog, type Region } from '~/screens/operate-matrix/backfill-dialog.tsx'
import { BackfillStrip } from '~/screens/operate-matrix/backfill-strip.tsx'
import { useTenantsMatrix, type TenantRow } from '~/screens/operate-matrix/use-tenants-matrix.ts'
import { operateMatrixTexts as texts } from '~/texts/operate-matrix.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Select, TextField } from '~/ui/field.tsx'
import { Page } from '~/ui/page.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

/** One dataset, tenants × time: who is behind, and filling it for many at once. */
export function Screen() {
  const address = useAddressValues()
  const setAddress = useSetAddress()
  const navigate = useNavigate()
  const [store] = useState(() => createViewStore(viewOfAddress(address)))
  const prefix = useDeferredValue(address['q'] ?? '')
  const after = address['after'] ?? ''
  const { query, input, grid, setWidth } = useTenantsMatrix(
    { dataset: address['dataset'] ?? '', prefix, after },
    store,
  )
  useAddressOfView(store, grid?.extent ?? null)
  const [lit, setLit] = useState<readonly string[]>([])
  const [isHand, setHand] = useState(false)
  const [places, setPlaces] = useState<readonly Place[]>([])
  const [region, setRegion] = useState<Region | null>(null)
  const { backfill } = address
  const open = ({ row }: Square) =>
    void navigate({ to: '/t/$tenant/matrix', params: { tenant: row.dataset } })
  const asked = query.data?.dataset ? regionOf(query.data.dataset, places) : null
  const what = asked
    ? texts.selected(asked.dataset, asked.tenants.length, asked.partition ?? '')
    : ''

  return (
    <Page
      wide
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'matrix.tenants', input } }}
    >
      {backfill !== undefined && (
        <BackfillStrip backfill={backfill} onHide={() => setAddress({ backfill: undefined })} />
      )}
      <Answer of={query}>
        {(data) => (
          <Card flush>
            <div className="flex flex-wrap items-center gap-2 px-4 py-2.5">
              <div className="w-56 max-sm:w-full">
                <Select
                  quiet
                  label={texts.dataset}
                  value={data.dataset ?? ''}
                  onChange={(dataset) => {
                    setPlaces([])
                    setAddress({ dataset })
                  }}
                  choices={data.datasets.map(({ name }) => ({ value: name, label: name }))}
                />
              </div>
              <div className="mr-auto w-56 max-sm:w-full">
                <TextField
                  quiet
                  type="search"
                  label={texts.prefix}
                  placeholder={texts.prefix}
                  value={address['q'] ?? ''}
                  onChange={(q) => setAddress({ q: q === '' ? undefined : q, after: undefined })}
                />
              </div>
              <Zoom store={store} extent={grid?.extent ?? null} isHand={isHand} onHand={setHand} />
            </div>
            <div className="px-4 pb-2">
              <Legend states={data.states} totals={data.totals} chosen={lit} onChange={setLit} />
            </div>
            {data.rows.length === 0 || !grid ? (
              <Empty
                title={prefix === '' ? texts.none : texts.unfit}
                action={
                  prefix === '' && (
                    <ButtonLink to="/operate/tenants/new" operation="tenants.create">
                      {texts.create}
                    </ButtonLink>
                  )
                }
              >
                {prefix === '' ? texts.noneHint : texts.unfitHint}
              </Empty>
            ) : (
              <div className="border-t border-line">
                <MatrixCanvas
                  label={texts.label(data.dataset ?? '', data.rows.length)}
                  grid={grid}
                  level={data.level}
                  store={store}
                  lit={data.states.map((state) => lit.length === 0 || lit.includes(state))}
                  places={places}
                  isHand={isHand}
                  onPlaces={(next) => setPlaces(next)}
                  onOpen={open}
                  onSight={({ width }) => setWidth(width)}
                  corner={texts.rows(data.rows.length)}
                  head={(row) => <Head row={row as TenantRow} />}
                  tooltip={(square) => <TileTip square={square} states={data.states} />}
                  describe={(square) => tileInWords(square, data.states)}
                />
              </div>
            )}
            {(after !== '' || data.next !== null) && (
              <div className="flex justify-end gap-2 border-t border-line px-4 py-2">
                {after !== '' && (
                  <Button size="small" onClick={() => setAddress({ after: undefined })}>
                    {texts.first}
                  </Button>
                )}
                {data.next !== null && (
                  <Button
                    size="small"
                    onClick={() => setAddress({ after: data.next ?? undefined }, { push: true })}
                  >
                    {texts.next}
                  </Button>
                )}
              </div>
            )}
          </Card>
        )}
      </Answer>
      {asked && (
        <Card
          title={what}
          actions={
            <>
              <Button size="small" look="quiet" onClick={() => setPlaces([])}>
                {texts.clear}
              </Button>
              <Button size="small" look="primary" onClick={() => setRegion(asked)}>
                {texts.fill}
              </Button>
            </>
          }
        />
      )}
      {region && (
        <BackfillDialog
          region={region}
          what={what}
          onClose={() => setRegion(null)}
          onStarted={(id) => setAddress({ backfill: id })}
        />
      )}
    </Page>
  )
}

/** The rectangle as one region: the same periods of each tenant. */
function regionOf(dataset: string, places: readonly Place[]): Region | null {
  const [first] = places
  if (!first) return null
  const text = placeText(first)
  const at = text.indexOf('@')
  return {
    dataset,
    tenants: places.map((place) => place.dataset),
    partition: at < 0 ? undefined : text.slice(at + 1),
  }
}

function Head({ row: { shown } }: { readonly row: TenantRow }) {
  const { tenant, name, standing, totals } = shown
  const isEmpty = standing === 'counted' && totals.every((count) => count === 0)
  const note = isEmpty ? texts.empty : texts.standings[standing]
  return (
    <>
      <Link
        to="/t/$tenant/matrix"
        params={{ tenant }}
        title={name}
        className="min-w-0 truncate font-medium hover:underline"
      >
        {tenant}
      </Link>
      {note !== '' && <span className="ml-auto truncate text-2xs text-faint">{note}</span>}
    </>
  )
}
