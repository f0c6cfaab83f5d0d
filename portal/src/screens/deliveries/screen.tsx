import { PackageOpen, Plus } from 'lucide-react'
import { useState } from 'react'

import { useTenant, useZone } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState, useSetAddress } from '~/browser/address.ts'
import { DeliveryActions } from '~/screens/deliveries/delivery-actions.tsx'
import { Asker } from '~/screens/deliveries/delivery-facts.tsx'
import { DeliveryDrawer } from '~/screens/deliveries/delivery-drawer.tsx'
import { isUnderWay, nameOf, type DeliveryRow } from '~/screens/deliveries/delivery-row.ts'
import { DeliveryForm } from '~/screens/deliveries/delivery-form.tsx'
import { DeliveryState } from '~/screens/deliveries/delivery-state.tsx'
import { spanOf, type Span } from '~/screens/deliveries/life.ts'
import { LifeBar } from '~/screens/deliveries/life-bar.tsx'
import { deliveriesTexts as texts } from '~/texts/deliveries.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Checkbox } from '~/ui/field.tsx'
import { formatDay } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time, useNow } from '~/ui/time.tsx'

const PAGE = 50
const MOST = 1000
const filters = ['all', 'running', 'ready', 'failed', 'expired'] as const
type Filter = (typeof filters)[number]

/** Deliveries as lives on one span of time; each leads to its file, its mails and its question. */
export function Screen() {
  const [filter, setFilter] = useAddressState<Filter>('state', 'all')
  const [mine, setMine] = useAddressState('mine', '')
  const [shown, setShown] = useAddressState('delivery', '')
  const setAddress = useSetAddress()
  const [isNew, setNew] = useAddressState('new', '')
  const [limit, setLimit] = useState(PAGE)
  const input = {
    limit,
    ...(filter !== 'all' && { state: filter }),
    ...(mine !== '' && { mine: true }),
  }
  const deliveries = useOperation('deliveries.list', input, {
    keepFormer: true,
    // What is under way tells of itself; the others have events.
    everyMs: (data) => (data?.deliveries.some(isUnderWay) ? 1000 : false),
  })
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'deliveries.list', input } }}
      actions={
        <>
          <Checkbox
            label={texts.mine}
            checked={mine !== ''}
            onChange={(checked) => setMine(checked ? 'yes' : '')}
          />
          <Segments
            label={texts.filter}
            value={filter}
            onChange={setFilter}
            segments={filters.map((value) => ({ value, label: texts.filters[value] }))}
          />
          <Button
            look="primary"
            operation="deliveries.create"
            icon={<Plus size={16} aria-hidden />}
            onClick={() => setNew('yes')}
          >
            {texts.create}
          </Button>
        </>
      }
    >
      <Answer of={deliveries}>
        {({ deliveries: rows, next }) =>
          rows.length === 0 ? (
            <Nothing
              isFiltered={filter !== 'all' || mine !== ''}
              onAll={() => setAddress({ state: undefined, mine: undefined })}
              onNew={() => setNew('yes')}
            />
          ) : (
            <List
              rows={rows}
              onOpen={setShown}
              onMore={
                next === null || limit >= MOST ? null : () => setLimit(Math.min(limit + PAGE, MOST))
              }
            />
          )
        }
      </Answer>
      {isNew !== '' && <DeliveryForm onClose={() => setNew('')} />}
      <DeliveryDrawer delivery={shown} onClose={() => setShown('')} />
    </Page>
  )
}

function Nothing({
  isFiltered,
  onAll,
  onNew,
}: {
  readonly isFiltered: boolean
  readonly onAll: () => void
  readonly onNew: () => void
}) {
  const tenant = useTenant() ?? ''
  return (
    <Card>
      {isFiltered ? (
        <Empty title={texts.nothing} action={<Button onClick={onAll}>{texts.showAll}</Button>} />
      ) : (
        <Empty
          title={texts.empty}
          icon={<PackageOpen size={28} aria-hidden />}
          action={
            <div className="flex flex-wrap justify-center gap-2">
              <Button look="primary" operation="deliveries.create" onClick={onNew}>
                {texts.create}
              </Button>
              <ButtonLink to="/t/$tenant/explore" params={{ tenant }}>
                {texts.toExplore}
              </ButtonLink>
              <ButtonLink to="/t/$tenant/reports" params={{ tenant }} operation="reports.create">
                {texts.toReports}
              </ButtonLink>
            </div>
          }
        >
          {texts.emptyHint}
        </Empty>
      )}
    </Card>
  )
}

function List({
  rows,
  onOpen,
  onMore,
}: {
  readonly rows: readonly DeliveryRow[]
  readonly onOpen: (delivery: string) => void
  readonly onMore: (() => void) | null
}) {
  const zone = useZone()
  const span = spanOf(rows, useNow())
  const day = (ms: number) => formatDay(new Date(ms), zone)
  return (
    <Card title={texts.timeline} note={texts.timelineNote(day(span.fromMs), day(span.toMs))} flush>
      <ul className="divide-y divide-line border-t border-line">
        {rows.map((row) => (
          <Item key={row.id} row={row} span={span} onOpen={() => onOpen(row.id)} />
        ))}
      </ul>
      {onMore && (
        <div className="flex justify-center border-t border-line p-2">
          <Button look="quiet" onClick={onMore}>
            {texts.showMore}
          </Button>
        </div>
      )}
    </Card>
  )
}

function Item({
  row,
  span,
  onOpen,
}: {
  readonly row: DeliveryRow
  readonly span: Span
  readonly onOpen: () => void
}) {
  const name = nameOf(row)
  return (
    <li className="grid items-center gap-x-4 gap-y-1.5 px-4 py-2.5 lg:grid-cols-[minmax(0,15rem)_minmax(0,20rem)_minmax(0,1fr)_auto]">
      <div className="min-w-0">
        <button
          type="button"
          onClick={onOpen}
          title={name}
          className="block max-w-full truncate text-left text-sm font-medium hover:text-accent hover:underline"
        >
          {name}
        </button>
        <p className="truncate text-xs text-faint" title={row.askedBy}>
          <Time at={row.createdAt} /> {texts.by} <Asker name={row.askedBy} />
        </p>
      </div>
      <DeliveryState row={row} />
      <LifeBar row={row} span={span} />
      <DeliveryActions row={row} />
    </li>
  )
}
