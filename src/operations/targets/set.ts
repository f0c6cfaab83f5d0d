import { z } from 'zod'

import { findTarget, saveTarget } from '#catalog/delivery-targets.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { assertPlace } from '#operations/targets/assert-place.ts'
import { targetData, targetField, toTargetData } from '#operations/targets/target-data.ts'
import { openFields, sealFields } from '#secrets/secret-fields.ts'
import { mintSecret } from '#tasks/signed-message.ts'
import { targetKinds, targetOptions, targetPlaces, targetSecrets } from '#targets/target-options.ts'

const text = z.string().min(1).max(2000).optional()
const secret = text.meta({ secret: true })

export const setTarget = defineOperation({
  name: 'targets.set',
  summary: 'Name a place that deliveries go to: a bucket, a table of a database, an address',
  permission: 'write',
  audit: ['kind', 'location', 'endpoint', 'url', 'schema'],
  rest: { method: 'POST', path: '/v1/targets/{target}' },
  input: z.strictObject({
    target: targetField,
    kind: z.enum(targetKinds).describe('What it is; each kind has options of its own.'),
    location: text.describe(
      's3: where files go, with {tenant} {title} {date} {receipt} {delivery} {format}: `s3://bucket/reports/{title}/{date}.{format}`.',
    ),
    region: text.describe('s3: region of the bucket.'),
    endpoint: text.describe("s3: address of a server that is not Amazon's."),
    pathStyle: z.boolean().optional().describe('s3: the bucket is part of the path.'),
    accessKeyId: text.describe('s3: access key.'),
    secretAccessKey: secret.describe('s3: secret of the access key; encrypted, never shown.'),
    sessionToken: secret.describe('s3: token of temporary credentials.'),
    databaseUrl: secret.describe(
      'postgres: `postgres://user:password@host:5432/database?sslmode=require`; encrypted, never shown.',
    ),
    schema: text.describe('postgres: schema of the tables; default: public.'),
    url: text.describe('webhook: address that the rows are sent to.'),
  }),
  output: targetData.extend({
    /** Verifies what a webhook is sent; shown once, when the target is made. */
    signingSecret: z.string().nullable(),
  }),
  async handler({ target, kind, ...given }, { parts, caller }) {
    const { catalog, secrets, random } = parts
    const former = await catalog.asTenant(caller.tenant, (session) => findTarget(session, target))
    const places = targetPlaces(caller.tenant.id, target)
    const isSame = former?.kind === kind
    const kept = isSame ? openFields(secrets, former.options, places) : {}
    const minted = kind === 'webhook' && !isSame ? mintSecret(random) : null
    const merged = { ...kept, ...given, ...(minted === null ? {} : { signingSecret: minted }) }
    const parsed = targetOptions[kind].safeParse(merged)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const keys = issue?.code === 'unrecognized_keys' ? issue.keys : (issue?.path ?? [])
      const message =
        issue?.code === 'unrecognized_keys' ? `is not of a target of kind ${kind}` : issue?.message
      throw new MillraceError('input-invalid', {
        path: keys.join('.') || 'kind',
        message: message ?? 'cannot be used',
      })
    }
    // Credentials that somebody else has entered do not go to another place.
    if (isSame) refuseOldSecrets(kept, given)
    await assertPlace(parts.egress, kind, parsed.data)
    const stored = await catalog.asTenant(caller.tenant, (session) =>
      saveTarget(session, {
        name: target,
        kind,
        options: sealFields(secrets, parsed.data, targetSecrets, places),
        createdBy: caller.name,
      }),
    )
    return { ...toTargetData(stored), signingSecret: minted }
  },
})

const places: Readonly<Record<string, string>> = {
  secretAccessKey: 'endpoint',
  sessionToken: 'endpoint',
}

/** A new address takes the secret of the former one along only when it is entered again. */
function refuseOldSecrets(
  kept: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): void {
  for (const [name, place] of Object.entries(places)) {
    const isMoved = given[place] !== undefined && given[place] !== kept[place]
    if (isMoved && kept[name] !== undefined && given[name] === undefined) {
      const message = `is needed again, for ${place} is another one`
      throw new MillraceError('input-invalid', { path: name, message })
    }
  }
}
