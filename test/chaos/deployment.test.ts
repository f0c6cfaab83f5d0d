import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { describe, test } from 'node:test'

import { faultsOf, reportLines } from '#chaos/report.ts'
import { findPostgres } from '../support/postgres-server.ts'
import { findOnPath } from '../support/s3-server.ts'
import { runSharedChaos } from './shared-deployment.ts'

const KILLS = 30
const STALLS = 10

const postgresBin = findPostgres()
const s3Server = findOnPath('moto_server')
const required = (process.env['MILLRACE_TEST_REQUIRE'] ?? '').split(',')
const skip =
  (postgresBin === null && !required.includes('postgres')) ||
  (s3Server === null && !required.includes('s3'))
    ? 'PostgreSQL and an S3 server are needed'
    : false

describe('a deployment of servers, schedulers and workers', { timeout: 600_000 }, () => {
  test(
    `${KILLS} kills, ${STALLS} stalls, a database that restarts and a lake that stutters: every promise comes true, once`,
    { skip },
    async (t) => {
      const { result, folder } = await runSharedChaos(
        { postgresBin: postgresBin ?? '', s3Server: s3Server ?? '' },
        {
          seed: 1,
          minutes: 6,
          kills: KILLS,
          stalls: STALLS,
          report: (line) => t.diagnostic(line),
        },
      )
      for (const line of reportLines(result)) t.diagnostic(line)
      assert.deepEqual(faultsOf(result), [], `logs and promises are kept in ${folder}`)
      assert.equal(result.kills, KILLS)
      assert.equal(result.stalls, STALLS)
      assert.ok(result.staleRefused > 0, 'writes of stalled attempts came, and were refused')
      assert.ok(result.tasks > 0 && result.runs > 0)
      await rm(folder, { recursive: true, force: true })
    },
  )
})
