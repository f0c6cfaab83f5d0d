import { useMemo } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { Costs } from '~/screens/usage/costs.tsx'
import { DayBars } from '~/screens/usage/day-bars.tsx'
import { daysUpTo, valuesByDay } from '~/screens/usage/days.ts'
import { formatUsage } from '~/screens/usage/format-usage.ts'
import { Quotas } from '~/screens/usage/quotas.tsx'
import { usageTexts as texts, type UsageKind } from '~/texts/usage.ts'
import { Card, Stat } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer } from '~/ui/states.tsx'

const DAYS = 31
const EVERY_MS = 30_000
const kinds = Object.keys(texts.kinds) as UsageKind[]

type Usage = OutputOf<'usage.show'>
type Day = Usage['days'][number]

/** What the tenant has used of its limits, day by day, and what its results have cost. */
export function Screen() {
  const usage = useOperation('usage.show', {}, { everyMs: EVERY_MS })
  const costs = useOperation('usage.costs', { days: DAYS })
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'usage.show', input: {} } }}
    >
      <Answer of={usage}>
        {(data) => (
          <>
            <Quotas usage={data} />
            <LastDays usage={data} />
            <Card flush title={texts.costs} note={texts.costsNote}>
              <Answer of={costs}>
                {({ datasets }) => <Costs datasets={datasets} days={daysUpTo(data.today, DAYS)} />}
              </Answer>
            </Card>
          </>
        )}
      </Answer>
    </Page>
  )
}

function LastDays({ usage }: { readonly usage: Usage }) {
  const [form, setForm] = useAddressState<'bars' | 'table'>('days', 'bars')
  const days = useMemo(() => daysUpTo(usage.today, DAYS), [usage.today])
  return (
    <Card
      flush={form === 'table'}
      title={texts.days}
      note={texts.daysNote}
      actions={
        <Segments
          label={texts.shape}
          value={form}
          onChange={setForm}
          segments={[
            { value: 'bars', label: texts.asBars },
            { value: 'table', label: texts.asTable },
          ]}
        />
      }
    >
      {form === 'table' ? (
        <DataTable
          label={texts.days}
          columns={columns}
          rows={usage.days}
          rowKey={({ day }) => day}
        />
      ) : (
        <div className="grid grid-cols-2 gap-x-6 gap-y-6 xl:grid-cols-4">
          {kinds.map((kind) => (
            <KindBars key={kind} kind={kind} days={days} rows={usage.days} />
          ))}
        </div>
      )}
    </Card>
  )
}

function KindBars({
  kind,
  days,
  rows,
}: {
  readonly kind: UsageKind
  readonly days: readonly string[]
  readonly rows: readonly Day[]
}) {
  const values = valuesByDay(days, rows, (row) => row[kind])
  const format = (value: number) => formatUsage(kind, value)
  const total = format(values.reduce((sum, value) => sum + value, 0))
  return (
    <Stat label={texts.kinds[kind]} value={format(values.at(-1) ?? 0)} note={texts.total(total)}>
      <DayBars
        days={days}
        values={values}
        format={format}
        label={texts.bars(texts.kinds[kind], total, format(Math.max(...values)))}
      />
    </Stat>
  )
}

const columns: readonly Column<Day>[] = [
  { id: 'day', title: texts.day, width: 'auto', sortBy: ({ day }) => day, cell: ({ day }) => day },
  ...kinds.map((kind): Column<Day> => ({
    id: kind,
    title: texts.kinds[kind],
    width: 130,
    align: 'right',
    sortBy: (row) => row[kind],
    cell: (row) => formatUsage(kind, row[kind]),
  })),
]
