import { readFile } from 'node:fs/promises'
import { z } from 'zod'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { DeliveryTarget, TargetWish } from '#model/delivery.ts'
import type { Egress } from '#egress/egress.ts'
import { signedHeaders } from '#tasks/signed-message.ts'
import type { TargetOptions, TargetOptionsOf } from '#targets/target-options.ts'

export const webhookWish = z.strictObject({})

interface Wish extends TargetWish {
  readonly kind: 'webhook'
  readonly target: string
  readonly options: z.output<typeof webhookWish>
}

/** What receivers take; more is fetched by them, from a file whose link a callback tells. */
const BYTES_MAX = 10 * 1024 * 1024

/**
 * The rows in the body of one signed request, as JSON: `{delivery, receipt, rows: […], …}`. `webhook-id`
 * is the delivery's, the same for every try.
 */
export function createWebhookTarget(
  { egress, clock }: { readonly egress: Pick<Egress, 'request'>; readonly clock: Clock },
  optionsOf: TargetOptionsOf<TargetOptions<'webhook'>>,
): DeliveryTarget<Wish> {
  return {
    kind: 'webhook',
    format: 'json',
    async handOver(file, wish, { signal, onProgress }) {
      const { url, signingSecret } = await optionsOf(file.tenant, wish.target)
      const place = new URL(url).host
      if (file.sizeBytes > BYTES_MAX) {
        const message = `the rows are ${file.sizeBytes} bytes, and one request carries ${BYTES_MAX}: deliver a file, and name a callbackUrl`
        throw new MillraceError('target-refused', { place, message })
      }
      const { delivery, receipt, rows, sha256, commitNumber, asOf, columns } = file
      const about = { delivery, receipt, commit: commitNumber, asOf, count: rows, sha256, columns }
      const content = await readFile(file.path, 'utf8')
      const body = `${JSON.stringify(about).slice(0, -1)},"rows":${content.trim()}}`
      const headers = signedHeaders({ id: delivery, body, secret: signingSecret }, clock)
      const answer = await egress
        .request({ method: 'POST', url, headers, body, signal })
        .catch((error: unknown) => {
          signal.throwIfAborted()
          const known = toMillraceError(error)
          if (known.code === 'egress-denied' || known.code === 'egress-url-invalid') throw known
          throw new MillraceError(
            'target-unreachable',
            { place, message: known.message },
            { cause: known },
          )
        })
      if (answer.status >= 200 && answer.status < 300) {
        onProgress({ rows, bytes: body.length })
        return { place, target: wish.target, status: answer.status }
      }
      const message = `it answered ${answer.status}`
      const isPassing = answer.status === 429 || answer.status >= 500
      throw new MillraceError(isPassing ? 'target-unreachable' : 'target-refused', {
        place,
        message,
      })
    },
  }
}
