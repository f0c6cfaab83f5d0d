import { useState } from 'react'

import { useZone } from '~/api/access.ts'
import { shadeOf, type Step } from '~/screens/endpoint/traffic-grid.ts'
import { endpointTexts } from '~/texts/endpoint.ts'
import { endpointsTexts } from '~/texts/endpoints.ts'
import { formatCount, formatDuration, formatTime } from '~/ui/format.ts'

const texts = endpointTexts.traffic
const ROW = 14
const LEFT = 58

interface Place {
  readonly step: number
  readonly bucket: number
}

/** Hours against how long requests took: darker where more of them are. Arrow keys go along. */
export function LatencyMap({
  steps,
  boundsMs,
  chosen,
  onChoose,
}: {
  readonly steps: readonly Step[]
  readonly boundsMs: readonly number[]
  readonly chosen: number | null
  readonly onChoose: (step: number) => void
}) {
  const zone = useZone()
  const [place, setPlace] = useState<Place | null>(null)
  const rows = boundsMs.length + 1
  const most = Math.max(...steps.flatMap(({ latency }) => latency), 0)
  const width = 1000
  const size = width / steps.length
  const bucketText = (bucket: number) => {
    const bound = boundsMs[bucket]
    return bound === undefined
      ? endpointsTexts.slower(formatDuration(boundsMs.at(-1) ?? 0))
      : endpointsTexts.faster(formatDuration(bound))
  }
  const told = place === null ? '' : tell(place)
  function tell({ step, bucket }: Place): string {
    const at = steps[step]
    if (!at) return ''
    const when = formatTime(new Date(at.fromMs), zone)
    return texts.cell(when, bucketText(bucket), formatCount(at.latency[bucket] ?? 0))
  }
  const move = (key: string) => {
    const from = place ?? { step: steps.length - 1, bucket: 0 }
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key]
    if (!by) return false
    const [x = 0, y = 0] = by
    setPlace({
      step: Math.min(Math.max(from.step + x, 0), steps.length - 1),
      bucket: Math.min(Math.max(from.bucket + y, 0), rows - 1),
    })
    return true
  }
  return (
    <div className="flex flex-col gap-1">
      <div className="flex">
        <div
          aria-hidden
          className="num grid shrink-0 pr-2 text-right text-2xs text-faint"
          style={{ width: LEFT, gridTemplateRows: `repeat(${rows}, ${ROW}px)` }}
        >
          {Array.from({ length: rows }, (_, at) => (
            <span key={at} className="leading-[14px] whitespace-nowrap">
              {bucketText(rows - 1 - at)}
            </span>
          ))}
        </div>
        {/* A picture that is gone along with the arrow keys, and read out as one does. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <svg
          role="application"
          aria-label={`${texts.latency}. ${texts.moveHint}`}
          tabIndex={0}
          viewBox={`0 0 ${width} ${rows * ROW}`}
          preserveAspectRatio="none"
          className="w-full min-w-0 rounded bg-sunken"
          style={{ height: rows * ROW }}
          onPointerLeave={() => setPlace(null)}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            const x = (event.clientX - box.left) / box.width
            const y = (event.clientY - box.top) / box.height
            setPlace({
              step: Math.min(Math.max(Math.floor(x * steps.length), 0), steps.length - 1),
              bucket: rows - 1 - Math.min(Math.max(Math.floor(y * rows), 0), rows - 1),
            })
          }}
          onClick={() => place && onChoose(place.step)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && place) onChoose(place.step)
            else if (move(event.key)) event.preventDefault()
          }}
        >
          {steps.flatMap(({ latency, fromMs }, step) =>
            latency.map((requests, bucket) =>
              requests === 0 ? null : (
                <rect
                  key={`${fromMs} ${bucket}`}
                  x={step * size}
                  y={(rows - 1 - bucket) * ROW}
                  width={Math.max(size - 0.6, 0.6)}
                  height={ROW - 1}
                  fill="var(--series-1)"
                  fillOpacity={shadeOf(requests, most)}
                />
              ),
            ),
          )}
          {chosen !== null && (
            <rect
              x={chosen * size}
              y={0}
              width={size}
              height={rows * ROW}
              fill="var(--accent)"
              fillOpacity={0.12}
            />
          )}
          {place !== null && (
            <rect
              x={place.step * size}
              y={(rows - 1 - place.bucket) * ROW}
              width={size}
              height={ROW}
              fill="none"
              stroke="var(--ink)"
              strokeWidth="1.5"
              vectorEffect="non-scaling-stroke"
            />
          )}
        </svg>
      </div>
      <p aria-live="polite" className="num min-h-4 text-xs text-soft" style={{ paddingLeft: LEFT }}>
        {told === '' ? texts.latencyNote : told}
      </p>
    </div>
  )
}
