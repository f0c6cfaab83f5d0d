import { z } from 'zod'

import { setCallHandler } from '#catalog/background-handlers.ts'
import { durationMs } from '#definitions/task-schema.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { mintSecret } from '#tasks/signed-message.ts'
import { handlerSecretPlace } from '#tasks/signing-secret.ts'
import { taskNameField } from '#tasks/task-request.ts'

const TIMEOUT_MS = 30_000
const TIMEOUT_MS_MAX = 3_600_000

export const setHandler = defineOperation({
  name: 'handlers.set',
  summary: 'Say which address carries out tasks of a name; a new secret is shown this once',
  permission: 'run',
  audit: ['url', 'timeout', 'newSecret'],
  rest: { method: 'POST', path: '/v1/task-handlers/{name}' },
  input: z.strictObject({
    name: taskNameField.describe('Name of the tasks.'),
    url: z.string().min(1).max(2_000).describe('Gets a signed POST for each task.'),
    timeout: durationMs
      .refine((ms) => ms <= TIMEOUT_MS_MAX, 'is at most 1h: longer work answers 202')
      .default(TIMEOUT_MS)
      .describe('Longest answer to one request; default 30s. Longer work answers 202.'),
    newSecret: z.boolean().default(false).describe('Make another secret; the former one ends.'),
  }),
  output: z.object({
    name: z.string(),
    url: z.string(),
    timeoutMs: z.number(),
    /** Verifies the signatures; null: the one that was shown before goes on. */
    secret: z.string().nullable().meta({ secret: true }),
  }),
  async handler({ name, url, timeout: timeoutMs, newSecret }, { parts, caller }) {
    const definition = parts.tasks.definition(name)
    if (definition) throw new MillraceError('task-handler-in-pack', { name, pack: definition.pack })
    await parts.egress.assertUrl(url)
    const fresh = mintSecret(parts.random)
    const secret = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const handler = { name, url, timeoutMs }
      if (!newSecret && (await setCallHandler(session, handler, null))) return null
      const place = handlerSecretPlace(caller.tenant.id, name)
      await setCallHandler(session, handler, parts.secrets.seal(fresh, place))
      return fresh
    })
    return { name, url, timeoutMs, secret }
  },
})
