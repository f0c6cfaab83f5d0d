import { z } from 'zod'

import { subscriptionStates, type Subscription } from '#catalog/subscriptions.ts'
import { eventKinds } from '#model/domain-event.ts'

export const subscriptionField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'subscription' })
  .describe('Id of the subscription: `sub_…` as the list shows it.')

export const subscriptionUrlField = z
  .string()
  .min(1)
  .max(2_000)
  .describe('Gets a signed POST for each event.')

export const subscriptionTitleField = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .describe('What it is for, in your words.')

export const subscribedKindsField = z
  .array(z.enum(eventKinds))
  .min(1)
  .nullable()
  .optional()
  .describe('Only events of these kinds; null: all, also those to come.')

export const subscribedDatasetsField = z
  .array(z.string().min(1).max(200).meta({ names: 'dataset' }))
  .min(1)
  .max(100)
  .nullable()
  .optional()
  .describe('Only events about these datasets; null: all, and those about none.')

export const subscriptionData = z
  .object({
    id: z.string(),
    title: z.string(),
    url: z.string(),
    kinds: z.array(z.string()).nullable(),
    datasets: z.array(z.string()).nullable(),
    state: z.enum(subscriptionStates),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
    /** Tries that came to nothing since an event arrived, and since when. */
    failures: z.int(),
    failingSince: z.iso.datetime().nullable(),
    /** When an event arrived last. */
    deliveredAt: z.iso.datetime().nullable(),
    /** When something is sent next; null: nothing waits, or it is not sent. */
    nextTryAt: z.iso.datetime().nullable(),
    /** Until when the secret before signs, too. */
    formerSecretUntil: z.iso.datetime().nullable(),
  })
  .meta({ entity: 'EventSubscription' })

export function toSubscriptionData(own: Subscription): z.input<typeof subscriptionData> {
  const { id, title, url, kinds, datasets, state, createdBy, failures } = own
  return {
    id,
    title,
    url,
    kinds: kinds === null ? null : [...kinds],
    datasets: datasets === null ? null : [...datasets],
    state,
    createdBy,
    createdAt: own.createdAt.toISOString(),
    changedAt: own.changedAt.toISOString(),
    failures,
    failingSince: own.failingSince?.toISOString() ?? null,
    deliveredAt: own.deliveredAt?.toISOString() ?? null,
    nextTryAt: own.nextAt?.toISOString() ?? null,
    formerSecretUntil: own.formerUntil?.toISOString() ?? null,
  }
}
