import { z } from 'zod'

import { createSubscription, getSubscription } from '#catalog/subscriptions.ts'
import { subscriptionSecretPlace } from '#events/event-message.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'
import {
  subscribedDatasetsField,
  subscribedKindsField,
  subscriptionData,
  subscriptionTitleField,
  subscriptionUrlField,
  toSubscriptionData,
} from '#operations/subscriptions/subscription-data.ts'
import { mintSecret } from '#tasks/signed-message.ts'

export const createSubscriptionOperation = defineOperation({
  name: 'subscriptions.create',
  summary: 'Have an address told of events by signed requests; the secret is shown this once',
  permission: 'write',
  audit: ['title', 'url', 'kinds', 'datasets'],
  rest: { method: 'POST', path: '/v1/subscriptions' },
  input: z.strictObject({
    url: subscriptionUrlField,
    title: subscriptionTitleField.default('events'),
    kinds: subscribedKindsField,
    datasets: subscribedDatasetsField,
  }),
  output: subscriptionData.extend({
    /** Verifies the signatures. */
    secret: z.string().meta({ secret: true }),
  }),
  argumentFields: ['url'],
  async handler({ url, title, kinds = null, datasets = null }, { parts, caller }) {
    const { tenant } = caller
    for (const dataset of datasets ?? []) definitionOf(parts, dataset)
    await parts.egress.assertUrl(url)
    const id = parts.ids.next('sub')
    const secret = mintSecret(parts.random)
    const sealed = parts.secrets.seal(secret, subscriptionSecretPlace(tenant.id, id))
    const made = await parts.catalog.asTenant(tenant, async (session) => {
      const createdBy = caller.name
      await createSubscription(session, {
        id,
        url,
        title,
        kinds,
        datasets,
        createdBy,
        secret: sealed,
      })
      return getSubscription(session, id)
    })
    return { ...toSubscriptionData(made), secret }
  },
})
