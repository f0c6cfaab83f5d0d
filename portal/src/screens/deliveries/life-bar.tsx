import { useZone } from '~/api/access.ts'
import { lookOfDelivery, nameOf, type DeliveryRow } from '~/screens/deliveries/delivery-row.ts'
import { lifeOf, placeIn, type Span } from '~/screens/deliveries/life.ts'
import { deliveriesTexts as texts } from '~/texts/deliveries.ts'
import { formatTime } from '~/ui/format.ts'
import { colourOf } from '~/ui/status.tsx'
import { useNow } from '~/ui/time.tsx'

const percent = (share: number) => `${(share * 100).toFixed(2)}%`

/** When it was asked for, how long its file is kept, and where in that now is; all on one span. */
export function LifeBar({ row, span }: { readonly row: DeliveryRow; readonly span: Span }) {
  const now = useNow()
  const zone = useZone()
  const { asked, from, until } = lifeOf(row, span, now)
  const colour = colourOf(lookOfDelivery(row.state))
  const end = row.expiresAt === null ? '' : texts.lifeUntil(formatTime(row.expiresAt, zone))
  const words = texts.life(
    nameOf(row),
    texts.states[row.state],
    formatTime(row.createdAt, zone),
    end,
  )
  return (
    <div role="img" aria-label={words} title={words} className="relative h-5 w-full">
      <span className="absolute inset-x-0 top-1/2 h-px bg-line" />
      {from !== null && (
        <span
          className="absolute top-1/2 h-1.5 min-w-1 -translate-y-1/2 rounded-full"
          style={{
            left: percent(from),
            width: percent(until - from),
            background: colour,
            opacity: row.state === 'ready' ? 1 : 0.35,
          }}
        />
      )}
      <span
        className="absolute top-1/2 size-2.5 -translate-x-1/2 -translate-y-1/2 rounded-full border-2 bg-surface"
        style={{ left: percent(asked), borderColor: colour }}
      />
      <span
        className="absolute inset-y-0 w-px bg-ink/40"
        style={{ left: percent(placeIn(span, now)) }}
      />
    </div>
  )
}
