import { Building2, Plus } from 'lucide-react'
import { useDeferredValue } from 'react'

import type { InputOf } from '~/api/client.ts'
import { useOperationPages } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { Neighbours } from '~/screens/operate-tenants/neighbours.tsx'
import { TenantCard } from '~/screens/operate-tenants/tenant-card.tsx'
import { TenantMenu } from '~/screens/operate-tenants/tenant-menu.tsx'
import { tenantsTexts as texts } from '~/texts/operate-tenants.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Select, TextField } from '~/ui/field.tsx'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty, Skeleton } from '~/ui/states.tsx'

const orders = ['trouble', 'load', 'backlog', 'name'] as const
const states = ['active', 'suspended', 'deleting'] as const
const PAGE = 60

/** All tenants as small multiples, those in trouble first. */
export function Screen() {
  const [order, setOrder] = useAddressState<(typeof orders)[number]>('order', 'trouble')
  const [state, setState] = useAddressState('state', '')
  const [search, setSearch] = useAddressState('find', '')
  const sought = useDeferredValue(search.trim())
  const input: InputOf<'tenants.overview'> = {
    order,
    limit: PAGE,
    ...(sought !== '' && { search: sought }),
    ...(states.some((one) => one === state) && { state: state as (typeof states)[number] }),
  }
  const pages = useOperationPages('tenants.overview', input, { cursorField: 'after' })
  return (
    <Page
      title={texts.title}
      note={texts.note}
      wide
      copy={{ call: { operation: 'tenants.overview', input } }}
      actions={
        <ButtonLink
          to="/operate/tenants/new"
          look="primary"
          operation="tenants.create"
          icon={<Plus size={15} aria-hidden />}
        >
          {texts.add}
        </ButtonLink>
      }
    >
      <Neighbours />
      <div className="flex flex-wrap items-end gap-3">
        <div className="w-60 max-w-full">
          <TextField
            quiet
            type="search"
            label={texts.find}
            placeholder={texts.find}
            value={search}
            onChange={setSearch}
          />
        </div>
        <Segments
          label={texts.order}
          value={order}
          onChange={setOrder}
          segments={orders.map((value) => ({ value, label: texts.orders[value] }))}
        />
        <div className="w-40">
          <Select
            quiet
            label={texts.state}
            value={state}
            onChange={setState}
            choices={[
              { value: '', label: texts.allStates },
              ...states.map((value) => ({ value, label: texts.states[value] })),
            ]}
          />
        </div>
      </div>
      <Answer of={pages} waiting={<Waiting />}>
        {({ pages: all }) => {
          const tenants = all.flatMap((page) => page.tenants)
          if (tenants.length === 0) {
            const isAsked = sought !== '' || state !== ''
            return (
              <Card>
                <Empty
                  icon={<Building2 size={28} />}
                  title={isAsked ? texts.noneFits : texts.empty}
                >
                  {texts.emptyHint}
                </Empty>
              </Card>
            )
          }
          return (
            <>
              <div className="grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-3">
                {tenants.map((pulse) => (
                  <TenantCard key={pulse.slug} pulse={pulse} menu={<TenantMenu pulse={pulse} />} />
                ))}
              </div>
              {pages.hasNextPage && (
                <div className="flex justify-center">
                  <Button
                    busy={pages.isFetchingNextPage}
                    onClick={() => void pages.fetchNextPage()}
                  >
                    {texts.showMore}
                  </Button>
                </div>
              )}
            </>
          )
        }}
      </Answer>
    </Page>
  )
}

function Waiting() {
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-3">
      {Array.from({ length: 8 }, (_, at) => (
        <Skeleton key={at} className="h-44 w-full" />
      ))}
    </div>
  )
}
