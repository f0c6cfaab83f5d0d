import { useMutation } from '@tanstack/react-query'
import { Activity, Download } from 'lucide-react'

import { useTenant, useZone } from '~/api/access.ts'
import { callOperation, type OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { saveStream } from '~/browser/save-stream.ts'
import { latencyText, quantileOf } from '~/rows/latency.ts'
import { LatencyMap } from '~/screens/endpoint/latency-map.tsx'
import { OutcomeBars, OutcomeKey } from '~/screens/endpoint/outcome-bars.tsx'
import { sinceOf, type Period } from '~/rows/span.ts'
import { stepsOf, totalOf } from '~/screens/endpoint/traffic-grid.ts'
import { endpointTexts } from '~/texts/endpoint.ts'
import { endpointsTexts } from '~/texts/endpoints.ts'
import { common } from '~/texts/common.ts'
import { Button } from '~/ui/button.tsx'
import { Card, Stat } from '~/ui/card.tsx'
import { CopyAs } from '~/ui/copy-as.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatBytes, formatCount, formatShare, formatTime } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time, useNow } from '~/ui/time.tsx'
import { showProblem } from '~/ui/toast.tsx'

const texts = endpointTexts.traffic
type Traffic = OutputOf<'endpoints.trafficByHour'>
type Hour = Traffic['hours'][number]
type Caller = Traffic['callers'][number]

/** Requests of one endpoint: how many, how they ended, how long they took, and whose they were. */
export function TrafficTab({ endpoint }: { readonly endpoint: string }) {
  const tenant = useTenant()
  const [period, setPeriod] = useAddressState<Period>('period', 'day')
  const input = { endpoint, since: sinceOf(period, useNow()) }
  const traffic = useOperation('endpoints.trafficByHour', input, {
    keepFormer: true,
    everyMs: 30_000,
  })
  const save = useMutation({
    mutationFn: async () =>
      saveStream(
        await callOperation(tenant, 'endpoints.exportTraffic', { ...input, format: 'csv' }),
      ),
    onError: showProblem,
  })
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <Segments
          label={texts.period}
          value={period}
          onChange={setPeriod}
          segments={(['day', 'week', 'month'] as const).map((value) => ({
            value,
            label: texts.periods[value],
          }))}
        />
        <span className="mr-auto" />
        <Button
          size="small"
          operation="endpoints.exportTraffic"
          icon={<Download size={14} aria-hidden />}
          busy={save.isPending}
          onClick={() => save.mutate()}
        >
          {texts.export}
        </Button>
        <CopyAs call={{ operation: 'endpoints.trafficByHour', input }} />
      </div>
      <Answer of={traffic}>
        {(data) =>
          data.hours.length === 0 ? (
            <Card>
              <Empty title={texts.none} icon={<Activity size={28} aria-hidden />}>
                {texts.noneHint}
              </Empty>
            </Card>
          ) : (
            <Pictures data={data} />
          )
        }
      </Answer>
    </>
  )
}

function Pictures({ data }: { readonly data: Traffic }) {
  const zone = useZone()
  const { hours, boundsMs, callers } = data
  const [at, setAt] = useAddressState('at', '')
  const steps = stepsOf(hours, { ...data, buckets: boundsMs.length + 1 })
  const total = totalOf(steps)
  const found = steps.findIndex(({ fromMs }) => String(fromMs) === at)
  const chosen = found < 0 ? null : found
  const step = steps[found]
  const choose = (next: number) => {
    const fromMs = String(steps[next]?.fromMs ?? '')
    setAt(fromMs === at ? '' : fromMs)
  }
  const shown = hours
    .filter(({ hour }) => {
      const ms = Date.parse(hour)
      return !step || (ms >= step.fromMs && ms < step.toMs)
    })
    .toReversed()
  return (
    <>
      <Figures hours={hours} total={total} boundsMs={boundsMs} />
      <Card title={texts.outcomes} actions={<OutcomeKey outcome={total.outcome} />}>
        <OutcomeBars steps={steps} chosen={chosen} onChoose={choose} />
      </Card>
      <Card title={texts.latency}>
        <LatencyMap steps={steps} boundsMs={boundsMs} chosen={chosen} onChoose={choose} />
      </Card>
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <Card title={texts.callers} flush>
          <DataTable
            label={texts.callers}
            columns={callerColumns(boundsMs)}
            rows={callers}
            rowKey={({ caller }) => caller}
          />
        </Card>
        <Card
          title={step ? `${texts.hours}: ${formatTime(new Date(step.fromMs), zone)}` : texts.hours}
          actions={
            step && (
              <Button size="small" onClick={() => setAt('')}>
                {common.all}
              </Button>
            )
          }
          flush
        >
          <DataTable
            label={texts.hours}
            columns={hourColumns(boundsMs)}
            rows={shown}
            rowKey={({ hour }) => hour}
          />
        </Card>
      </div>
    </>
  )
}

function Figures({
  hours,
  total,
  boundsMs,
}: {
  readonly hours: readonly Hour[]
  readonly total: ReturnType<typeof totalOf>
  readonly boundsMs: readonly number[]
}) {
  const { requests, outcome, latency } = total
  const errors = outcome.refused + outcome.unavailable + outcome.broken
  const longest = boundsMs.at(-1) ?? 0
  const quantile = (share: number) =>
    latencyText(quantileOf(latency, boundsMs, share), longest, endpointsTexts)
  const figures = [
    [texts.requests, formatCount(requests)],
    [texts.errors, formatShare(errors / requests)],
    [texts.cached, formatShare(outcome.cached / requests)],
    [texts.half, quantile(0.5)],
    [texts.p95, quantile(0.95)],
    [texts.p99, quantile(0.99)],
    [
      texts.rows,
      formatCount(
        hours.reduce((sum, { rows }) => sum + rows, 0),
        true,
      ),
    ],
    [texts.bytes, formatBytes(hours.reduce((sum, { bytes }) => sum + bytes, 0))],
  ] as const
  return (
    <Card>
      <div className="grid grid-cols-2 gap-4 pt-3 sm:grid-cols-4 lg:grid-cols-8">
        {figures.map(([label, value]) => (
          <Stat key={label} label={label} value={value} />
        ))}
      </div>
    </Card>
  )
}

const errorsOf = ({ refused, unavailable, broken }: Hour | Caller) => refused + unavailable + broken

const counted = <Row extends Hour | Caller>(boundsMs: readonly number[]): Column<Row>[] => [
  {
    id: 'requests',
    title: texts.requests,
    width: 90,
    align: 'right',
    sortBy: ({ requests }) => requests,
    cell: ({ requests }) => formatCount(requests),
  },
  {
    id: 'errors',
    title: texts.errors,
    width: 80,
    align: 'right',
    sortBy: errorsOf,
    cell: (row) => formatCount(errorsOf(row)),
  },
  {
    id: 'p95',
    title: texts.p95,
    width: 90,
    align: 'right',
    sortBy: ({ p95Ms }) => p95Ms ?? Infinity,
    cell: ({ p95Ms }) => latencyText(p95Ms, boundsMs.at(-1) ?? 0, endpointsTexts),
  },
]

const callerColumns = (boundsMs: readonly number[]): Column<Caller>[] => [
  {
    id: 'caller',
    title: texts.caller,
    width: 'auto',
    sortBy: ({ caller }) => caller,
    cell: ({ caller }) => (
      <span className="font-mono text-xs" title={caller}>
        {caller}
      </span>
    ),
  },
  ...counted<Caller>(boundsMs),
  {
    id: 'last',
    title: texts.last,
    width: 160,
    sortBy: ({ lastHour }) => lastHour,
    cell: ({ lastHour }) => <Time at={lastHour} exact />,
  },
]

const hourColumns = (boundsMs: readonly number[]): Column<Hour>[] => [
  {
    id: 'hour',
    title: texts.hour,
    width: 'auto',
    sortBy: ({ hour }) => hour,
    cell: ({ hour }) => <Time at={hour} exact />,
  },
  ...counted<Hour>(boundsMs),
  {
    id: 'rows',
    title: texts.rows,
    width: 90,
    align: 'right',
    sortBy: ({ rows }) => rows,
    cell: ({ rows }) => formatCount(rows, true),
  },
]
