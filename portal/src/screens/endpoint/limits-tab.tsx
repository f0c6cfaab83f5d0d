import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { latencyText, quantileOf } from '~/rows/latency.ts'
import { sinceOf } from '~/rows/span.ts'
import type { Shown } from '~/screens/endpoint/shown.ts'
import { totalOf, stepsOf } from '~/screens/endpoint/traffic-grid.ts'
import { endpointTexts } from '~/texts/endpoint.ts'
import { endpointsTexts } from '~/texts/endpoints.ts'
import { ButtonLink } from '~/ui/button.tsx'
import { Card, Stat } from '~/ui/card.tsx'
import { Gauge } from '~/ui/drawings.tsx'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { useNow } from '~/ui/time.tsx'

const texts = endpointTexts.limits

/** How much one answer may be, how near requests come to it, and how often may be asked. */
export function LimitsTab({ data }: { readonly data: Shown }) {
  const { endpoint, limits } = data.endpoint
  const { rows, seconds, bytes } = limits
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Card title={texts.answer} note={texts.answerNote}>
        <div className="grid grid-cols-3 gap-4">
          <Stat
            label={texts.rows}
            value={rows === null ? '–' : formatCount(rows)}
            note={ofOwn(rows)}
          />
          <Stat
            label={texts.seconds}
            value={seconds === null ? '–' : formatDuration(seconds * 1000)}
            note={ofOwn(seconds)}
          />
          <Stat
            label={texts.bytes}
            value={bytes === null ? '–' : formatBytes(bytes)}
            note={ofOwn(bytes)}
          />
        </div>
        {seconds !== null && <Nearness endpoint={endpoint} limitMs={seconds * 1000} />}
      </Card>
      <Rates />
    </div>
  )
}

const ofOwn = (limit: number | null) => (limit === null ? texts.general : undefined)

function Nearness({ endpoint, limitMs }: { readonly endpoint: string; readonly limitMs: number }) {
  const traffic = useOperation('endpoints.trafficByHour', {
    endpoint,
    since: sinceOf('week', useNow()),
  })
  if (!traffic.data || traffic.data.hours.length === 0) return null
  const { boundsMs, hours } = traffic.data
  const { latency } = totalOf(stepsOf(hours, { ...traffic.data, buckets: boundsMs.length + 1 }))
  const p95 = quantileOf(latency, boundsMs, 0.95)
  const words = texts.timeOf(
    latencyText(p95, boundsMs.at(-1) ?? 0, endpointsTexts),
    formatDuration(limitMs),
  )
  return (
    <div className="mt-4 flex flex-col gap-1">
      <Gauge share={(p95 ?? limitMs) / limitMs} label={words} />
      <p className="text-xs text-faint">{words}</p>
    </div>
  )
}

function Rates() {
  const tenant = useTenant() ?? ''
  const rates = useOperation('rates.show', {})
  return (
    <Card title={texts.rates} note={texts.ratesNote}>
      <Answer of={rates}>
        {({ tenant: own, defaults }) => (
          <div className="flex flex-col gap-4">
            <div className="grid grid-cols-2 gap-4">
              <Stat
                label={texts.perTenant}
                value={texts.perMinute(formatCount(own.perMinute))}
                note={texts.burst(formatCount(own.burst))}
              />
              <Stat
                label={texts.perKey}
                value={texts.perMinute(formatCount(defaults.key.perMinute))}
                note={texts.burst(formatCount(defaults.key.burst))}
              />
            </div>
            <div className="flex flex-wrap gap-2">
              <ButtonLink
                to="/t/$tenant/usage"
                params={{ tenant }}
                size="small"
                operation="usage.show"
              >
                {texts.toUsage}
              </ButtonLink>
              <ButtonLink
                to="/t/$tenant/keys"
                params={{ tenant }}
                size="small"
                operation="keys.list"
              >
                {texts.toKeys}
              </ButtonLink>
            </div>
          </div>
        )}
      </Answer>
    </Card>
  )
}
