import { listRuns } from '#catalog/runs.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

const FULL_ID = /^run_[0-9a-z]{16}$/
const RUNS_SEARCHED = 1000

/** The id that a person meant: a full one as it is, `last`, or a beginning or end that fits one run only. */
export async function resolveRun(parts: Parts, tenant: Tenant, text: string): Promise<string> {
  if (FULL_ID.test(text)) return text
  const limit = text === 'last' ? 1 : RUNS_SEARCHED
  const runs = await parts.catalog.asTenant(tenant, (session) => listRuns(session, { limit }))
  const ids = runs.map(({ id }) => id)
  const fitting =
    text === 'last'
      ? ids
      : ids.filter((id) => id.endsWith(text) || id.startsWith(text) || id.startsWith(`run_${text}`))
  const [only, ...others] = fitting
  if (only === undefined) throw new MillraceError('run-unknown', { run: text })
  if (others.length > 0) {
    const candidates = fitting.slice(0, 5)
    throw new MillraceError('run-name-ambiguous', { run: text, candidates })
  }
  return only
}
