import { z } from 'zod'

import { getSubscription, subscriptionSecret } from '#catalog/subscriptions.ts'
import { eventHeaders, subscriptionSecretPlace } from '#events/event-message.ts'
import { beginningOf } from '#events/subscription-sender.ts'
import { toMillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { subscriptionField } from '#operations/subscriptions/subscription-data.ts'

const TIMEOUT_MS = 15_000
const ANSWER_BYTES_MAX = 64 * 1024

export const testSubscription = defineOperation({
  name: 'subscriptions.test',
  summary: 'Send a signed request of the kind `subscription.test` now, and show the answer',
  permission: 'write',
  rest: { method: 'POST', path: '/v1/subscriptions/{subscription}/test' },
  input: z.strictObject({ subscription: subscriptionField }),
  output: z.object({
    arrived: z.boolean(),
    durationMs: z.int(),
    status: z.int().nullable(),
    /** The first 200 bytes of the answer. */
    answer: z.string().nullable(),
    error: z.string().nullable(),
  }),
  async handler({ subscription: id }, { parts, caller, signal }) {
    const { clock, egress, ids, secrets } = parts
    const { tenant } = caller
    const { url, sealed } = await parts.catalog.asTenant(tenant, async (session) => ({
      url: (await getSubscription(session, id)).url,
      sealed: await subscriptionSecret(session, id),
    }))
    const secret = secrets.open(sealed, subscriptionSecretPlace(tenant.id, id))
    const now = clock.now()
    const event = {
      id: ids.next('evt_test'),
      sequence: 0,
      kind: 'subscription.test',
      at: now.toISOString(),
      tenant: tenant.slug,
      data: { subscription: id },
    }
    const body = JSON.stringify(event)
    const startedMs = clock.monotonicMs()
    const durationMs = () => Math.round(clock.monotonicMs() - startedMs)
    try {
      const answer = await egress.request({
        method: 'POST',
        url,
        headers: eventHeaders(event, body, { now, secrets: [secret] }),
        body,
        timeoutMs: TIMEOUT_MS,
        maxBytes: ANSWER_BYTES_MAX,
        maxRedirects: 0,
        signal,
      })
      const { status } = answer
      const arrived = status >= 200 && status < 300
      const error = arrived ? null : `it answered ${status}`
      return { arrived, durationMs: durationMs(), status, answer: beginningOf(answer.body), error }
    } catch (error) {
      signal.throwIfAborted()
      const { message } = toMillraceError(error)
      return {
        arrived: false,
        durationMs: durationMs(),
        status: null,
        answer: null,
        error: message,
      }
    }
  },
})
