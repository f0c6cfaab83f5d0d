import { z } from 'zod'

import { checkCatalog, checkRoles } from '#operations/health/check-catalog.ts'
import { checkClock, checkDeployment } from '#operations/health/check-deployment.ts'
import { checkData, checkRuns } from '#operations/health/check-data.ts'
import { checkEngine, checkVersions } from '#operations/health/check-engine.ts'
import { checkFiles, checkLake } from '#operations/health/check-lake.ts'
import { checkMail } from '#operations/health/check-mail.ts'
import { checkCustomerSql } from '#operations/health/check-queries.ts'
import { checkWorkers } from '#operations/health/check-workers.ts'
import { toFinding, type Check, type Finding } from '#operations/health/finding.ts'
import { defineOperation } from '#operations/operation.ts'

const findingData = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'problem']),
  detail: z.string(),
  remedy: z.string().nullable(),
})

const healthData = z.object({
  state: z.enum(['ok', 'warning', 'problem']),
  checks: z.array(findingData),
})

export const healthCheck = defineOperation({
  name: 'health.check',
  summary: 'Is everything healthy, and what to do where it is not',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/health' },
  input: z.strictObject({
    deep: z
      .boolean()
      .default(false)
      .describe('Read every published file again and compare it with its SHA-256.'),
  }),
  output: healthData,
  async handler({ deep }, { parts, signal }): Promise<z.input<typeof healthData>> {
    const planned: readonly (readonly [string, Check])[] = [
      ['catalog', checkCatalog],
      ['isolation', checkRoles],
      ['lake', checkLake],
      ['files', checkFiles(deep)],
      ['deployment', checkDeployment],
      ['clock', checkClock],
      ['engine', checkEngine],
      ['queries', checkCustomerSql],
      ['workers', checkWorkers],
      ['mail', checkMail],
      ['runs', checkRuns],
      ['data', checkData],
      ['versions', checkVersions],
    ]
    const checks: Finding[] = []
    for (const [name, check] of planned)
      checks.push(await toFinding(name, () => check(parts, signal)))
    const states = new Set(checks.map(({ state }) => state))
    const state = states.has('problem') ? 'problem' : states.has('warning') ? 'warning' : 'ok'
    return { state, checks }
  },
})
