import { z } from 'zod'

import type { Trigger } from '#catalog/triggers.ts'
import type { FreshnessDefinition, FreshnessState } from '#triggers/freshness.ts'

export const freshnessData = z.object({
  dataset: z.string(),
  maxAgeMs: z.number(),
  /** A definition's own rule, or one that the tenant has set. */
  origin: z.enum(['definition', 'tenant']),
  state: z.enum(['kept', 'breached']),
  /** Newest published partition at the last look. */
  newest: z.string().nullable(),
  /** Since when it is too old, or when it will be. */
  breachAt: z.string().nullable(),
})
export type FreshnessData = z.output<typeof freshnessData>

export function toFreshnessData(trigger: Trigger): FreshnessData {
  const { maxAgeMs, origin } = trigger.definition as FreshnessDefinition
  const { state, newest, breachAt } = trigger.state as Partial<FreshnessState>
  return {
    dataset: trigger.name,
    maxAgeMs,
    origin,
    state: state ?? 'kept',
    newest: newest ?? null,
    breachAt: breachAt ?? null,
  }
}
