import assert from 'node:assert/strict'

import { systemClock } from '#kernel/clock.ts'
import { openAnswerWorld, type AnswerWorld, type Reply } from './answer-world.ts'
import type { MillraceOptions } from './open-parts.ts'

/** A delivery as the API shows it. */
export interface ShownDelivery {
  readonly id: string
  readonly location: string
  readonly state: string
  readonly format: string
  readonly receipt: string
  readonly rows: number | null
  readonly sizeBytes: number | null
  readonly sha256: string | null
  readonly link: string | null
  readonly attempts: number
  readonly downloads: number
  readonly expiresAt: string | null
  readonly error: { readonly code: string } | null
  readonly mails?: readonly { readonly state: string; readonly to: string }[]
}

/** An {@link AnswerWorld} whose deliveries are asked for and waited for. */
export interface DeliveryWorld extends AnswerWorld {
  create(body: object, key?: string): Promise<ShownDelivery>
  send(method: 'POST' | 'DELETE', url: string, body?: object, key?: string): Promise<Reply>
  show(id: string, key?: string): Promise<ShownDelivery>
  /** Until it is in one of these states. */
  until(id: string, ...states: string[]): Promise<ShownDelivery>
  /** The path of a link, for requests that are injected. */
  follow(link: string | null, headers?: Readonly<Record<string, string>>): Promise<Reply>
}

export async function openDeliveryWorld(
  options: MillraceOptions & { readonly rowsMax?: number } = {},
): Promise<DeliveryWorld> {
  const world = await openAnswerWorld(options)
  const own = await world.key()

  const delivery: DeliveryWorld = {
    ...world,
    async create(body, key = own) {
      const reply = await delivery.send('POST', '/v1/deliveries', body, key)
      assert.equal(reply.status, 200, reply.body)
      return reply.json<ShownDelivery>()
    },
    async send(method, url, body, key = own) {
      const reply = await world.server.app.inject({
        method,
        url,
        headers: { authorization: `Bearer ${key}` },
        ...(body && { payload: body }),
      })
      return {
        status: reply.statusCode,
        headers: reply.headers,
        body: reply.body,
        bytes: reply.rawPayload,
        json: <T>() => reply.json<T>(),
      }
    },
    async show(id, key = own) {
      const reply = await world.get(`/v1/deliveries/${id}`, key)
      assert.equal(reply.status, 200, reply.body)
      return reply.json<ShownDelivery>()
    },
    async until(id, ...states) {
      for (const untilMs = systemClock.monotonicMs() + 60_000; ;) {
        const shown = await delivery.show(id)
        if (states.includes(shown.state)) return shown
        const text = JSON.stringify(shown)
        assert.ok(['queued', 'running'].includes(shown.state), text)
        assert.ok(systemClock.monotonicMs() < untilMs, text)
        await systemClock.sleep(50)
      }
    },
    async follow(link, headers = {}) {
      const url = new URL(link ?? 'http://nowhere/')
      const reply = await world.server.app.inject({ url: `${url.pathname}${url.search}`, headers })
      return {
        status: reply.statusCode,
        headers: reply.headers,
        body: reply.body,
        bytes: reply.rawPayload,
        json: <T>() => reply.json<T>(),
      }
    },
  }
  return delivery
}
