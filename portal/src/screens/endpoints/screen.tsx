import { Link } from '@tanstack/react-router'
import { Webhook } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { latencyText } from '~/rows/latency.ts'
import { sinceOf, type Period } from '~/rows/span.ts'
import { hourly } from '~/screens/endpoints/load.ts'
import { endpointsTexts as texts } from '~/texts/endpoints.ts'
import { Card, Stat } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Sparkline } from '~/ui/drawings.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount, formatShare } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time, useNow } from '~/ui/time.tsx'

type Endpoint = OutputOf<'endpoints.list'>['endpoints'][number]
type Traffic = OutputOf<'endpoints.trafficByEndpoint'>
type Load = Traffic['endpoints'][number]

const LIMIT = 500
const POINTS = 168

/** Endpoints with their traffic: how much, how fast, how well, and who. */
export function Screen() {
  const [period, setPeriod] = useAddressState<Period>('period', 'day')
  const [search, setSearch] = useAddressState('find', '')
  const input = { since: sinceOf(period, useNow()), limit: LIMIT }
  const endpoints = useOperation('endpoints.list', { limit: LIMIT })
  const traffic = useOperation('endpoints.trafficByEndpoint', input, {
    keepFormer: true,
    everyMs: 30_000,
  })
  const loads = new Map(traffic.data?.endpoints.map((load) => [load.endpoint, load]))
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'endpoints.trafficByEndpoint', input } }}
      actions={
        <>
          <div className="w-48">
            <TextField
              label={texts.search}
              quiet
              type="search"
              placeholder={texts.search}
              value={search}
              onChange={setSearch}
            />
          </div>
          <Segments
            label={texts.period}
            value={period}
            onChange={setPeriod}
            segments={(['day', 'week', 'month'] as const).map((value) => ({
              value,
              label: texts.periods[value],
            }))}
          />
        </>
      }
    >
      <Answer of={endpoints}>
        {({ endpoints: all }) => {
          const word = search.toLowerCase()
          const rows = all.filter(({ endpoint, description }) =>
            `${endpoint} ${description}`.toLowerCase().includes(word),
          )
          return all.length === 0 ? (
            <Card>
              <Empty title={texts.empty} icon={<Webhook size={28} aria-hidden />}>
                {texts.emptyHint}
              </Empty>
            </Card>
          ) : (
            <Card flush>
              {rows.length === 0 ? (
                <Empty title={texts.search} />
              ) : (
                <ul className="divide-y divide-line">
                  {rows.map((row) => (
                    <Item
                      key={row.endpoint}
                      row={row}
                      load={loads.get(row.endpoint)}
                      traffic={traffic.data}
                    />
                  ))}
                </ul>
              )}
            </Card>
          )
        }}
      </Answer>
    </Page>
  )
}

function Item({
  row,
  load,
  traffic,
}: {
  readonly row: Endpoint
  readonly load: Load | undefined
  readonly traffic: Traffic | undefined
}) {
  const tenant = useTenant() ?? ''
  return (
    <li className="relative grid items-center gap-x-5 gap-y-2 px-4 py-3 hover:bg-sunken lg:grid-cols-[minmax(0,1fr)_9rem_26rem_7rem]">
      <div className="min-w-0">
        <Link
          to="/t/$tenant/endpoints/$endpoint"
          params={{ tenant, endpoint: row.endpoint }}
          className="font-mono text-sm font-medium after:absolute after:inset-0 hover:text-accent"
        >
          {row.endpoint}
        </Link>
        <p className="line-clamp-2 text-xs text-faint" title={row.description}>
          {row.description}
        </p>
      </div>
      {load && traffic ? (
        <>
          <Sparkline
            values={hourly(load.hours, { ...traffic, most: POINTS })}
            label={texts.perHour(row.endpoint, formatCount(load.requests))}
            width={144}
            className="w-36"
          />
          <Figures load={load} boundsMs={traffic.boundsMs} />
        </>
      ) : (
        <p className="text-xs text-faint lg:col-span-2">{traffic && texts.unasked}</p>
      )}
      <div className="text-xs text-faint lg:text-right">
        <p className="text-soft">
          {texts.version} <span className="num">{row.version}</span>
          {row.isPinned && ` · ${texts.pinned}`}
        </p>
        {row.endsAt === null ? (
          <p>{texts.parameters(row.parameters.length)}</p>
        ) : (
          <p className="text-warn">
            {texts.ends} <Time at={row.endsAt} />
          </p>
        )}
      </div>
    </li>
  )
}

function Figures({
  load,
  boundsMs,
}: {
  readonly load: Load
  readonly boundsMs: readonly number[]
}) {
  const { requests, refused, unavailable, broken, cached, callers, p50Ms, p95Ms } = load
  const errors = refused + unavailable + broken
  const longest = boundsMs.at(-1) ?? 0
  const figures = [
    [texts.requests, formatCount(requests, true), ''],
    [texts.half, latencyText(p50Ms, longest, texts), ''],
    [texts.p95, latencyText(p95Ms, longest, texts), ''],
    [
      texts.errors,
      formatShare(errors / requests),
      unavailable + broken > 0 ? 'text-bad' : errors > 0 ? 'text-warn' : '',
    ],
    [texts.cached, formatShare(cached / requests), ''],
    [texts.callers, formatCount(callers), ''],
  ] as const
  return (
    <div className="grid grid-cols-3 gap-x-3 gap-y-1 sm:grid-cols-6">
      {figures.map(([name, value, tone]) => (
        <div key={name} className={classes('text-sm [&_.num]:text-sm', tone)}>
          <Stat label={name} value={value} />
        </div>
      ))}
    </div>
  )
}
