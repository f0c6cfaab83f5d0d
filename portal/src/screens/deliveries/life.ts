import type { DeliveryRow } from '~/screens/deliveries/delivery-row.ts'

const DAY_MS = 86_400_000

/** The span of time that all lives are drawn on, in milliseconds since 1970. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** From the first asking to the last end; never shorter than a day, and now lies in it. */
export function spanOf(rows: readonly DeliveryRow[], nowMs: number): Span {
  const asked = rows.map(({ createdAt }) => Date.parse(createdAt))
  const ends = rows.map(({ expiresAt }) => (expiresAt === null ? nowMs : Date.parse(expiresAt)))
  const fromMs = Math.min(nowMs - DAY_MS / 2, ...asked)
  const toMs = Math.max(nowMs + DAY_MS / 2, ...ends)
  const edge = (toMs - fromMs) * 0.02
  return { fromMs: fromMs - edge, toMs: toMs + edge }
}

export const placeIn = ({ fromMs, toMs }: Span, ms: number): number =>
  Math.min(Math.max((ms - fromMs) / (toMs - fromMs), 0), 1)

export interface Life {
  /** Shares of the span. */
  readonly asked: number
  /** When its file was there; null: it never was. */
  readonly from: number | null
  readonly until: number
}

export function lifeOf(row: DeliveryRow, span: Span, nowMs: number): Life {
  const until = row.expiresAt === null ? nowMs : Date.parse(row.expiresAt)
  return {
    asked: placeIn(span, Date.parse(row.createdAt)),
    from: row.readyAt === null ? null : placeIn(span, Date.parse(row.readyAt)),
    until: placeIn(span, until),
  }
}

/** `3 d 4 h`, `25 m`; null: it is over, or never ends. */
export function leftOf(expiresAt: string | null, nowMs: number): number | null {
  if (expiresAt === null) return null
  const left = Date.parse(expiresAt) - nowMs
  return left > 0 ? left : null
}
