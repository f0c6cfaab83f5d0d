import { z } from 'zod'

import { getSubscription, updateSubscription } from '#catalog/subscriptions.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'
import {
  subscribedDatasetsField,
  subscribedKindsField,
  subscriptionData,
  subscriptionField,
  subscriptionTitleField,
  subscriptionUrlField,
  toSubscriptionData,
} from '#operations/subscriptions/subscription-data.ts'

export const updateSubscriptionOperation = defineOperation({
  name: 'subscriptions.update',
  summary: 'Change where a subscription goes and what it is told of; what waits already is sent',
  permission: 'write',
  audit: ['title', 'url', 'kinds', 'datasets'],
  rest: { method: 'POST', path: '/v1/subscriptions/{subscription}' },
  input: z.strictObject({
    subscription: subscriptionField,
    url: subscriptionUrlField.optional(),
    title: subscriptionTitleField.optional(),
    kinds: subscribedKindsField,
    datasets: subscribedDatasetsField,
  }),
  output: subscriptionData,
  async handler({ subscription: id, url, title, kinds, datasets }, { parts, caller }) {
    for (const dataset of datasets ?? []) definitionOf(parts, dataset)
    if (url !== undefined) await parts.egress.assertUrl(url)
    const own = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await updateSubscription(session, id, {
        ...(url !== undefined && { url }),
        ...(title !== undefined && { title }),
        ...(kinds !== undefined && { kinds }),
        ...(datasets !== undefined && { datasets }),
      })
      return getSubscription(session, id)
    })
    return toSubscriptionData(own)
  },
})
