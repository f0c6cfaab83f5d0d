import type { FastifyInstance } from 'fastify'

import { systemClock } from '#kernel/clock.ts'
import { CANARY, type World } from './world.ts'

const TASKS = 8

/**
 * Work of both tenants goes on in the background, side by side in the same processes; afterwards
 * nothing that belongs to the one holds a word of the other: no row of any table, no file.
 */
export async function runBackground(
  world: World,
  app: FastifyInstance,
  payload: Readonly<Record<string, unknown>> = {},
): Promise<string[]> {
  const { mine, theirs } = world
  const ask = async (slug: string, method: 'GET' | 'POST', url: string, body?: object) => {
    const headers = {
      authorization: `Bearer ${world.server.operatorKey}`,
      'millrace-tenant': slug,
    }
    const answer = await app.inject({ method, url, headers, ...(body && { payload: body }) })
    if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.body}`)
    return answer.json<Record<string, unknown>>()
  }
  const idle = async (slug: string) => {
    const running = async () =>
      (await ask(slug, 'GET', '/v1/runs?state=running'))['runs'] as unknown[]
    while ((await running()).length > 0) await systemClock.sleep(50)
  }
  const posted: string[] = []
  for (let turn = 0; turn < TASKS; turn++) {
    for (const [slug, word] of [
      [theirs.slug, CANARY],
      [mine.slug, 'own'],
    ] as const) {
      const body = {
        name: 'echo',
        payload: { text: `${word} ${turn}`, ...(word === 'own' && payload) },
      }
      const { id } = (await ask(slug, 'POST', '/v1/tasks', body)) as { id: string }
      if (word === 'own') posted.push(id)
    }
  }
  for (const mode of ['run', 'rerun']) {
    for (const slug of [theirs.slug, mine.slug]) {
      await ask(slug, 'POST', '/v1/runs', { datasets: ['meter_months'], mode })
    }
    for (const slug of [theirs.slug, mine.slug]) await idle(slug)
  }
  const problems: string[] = []
  for (const id of posted) {
    let task = await ask(mine.slug, 'GET', `/v1/tasks/${id}`)
    while (!['done', 'failed', 'dead'].includes(String(task['state']))) {
      await systemClock.sleep(50)
      task = await ask(mine.slug, 'GET', `/v1/tasks/${id}`)
    }
    if (task['state'] !== 'done') problems.push(`a task ended ${String(task['state'])}`)
  }
  const tables = await world.server.open.catalog.asTenant(mine, async (session) => {
    const names = await session.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
       WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant_id'
         AND has_table_privilege('millrace_app', c.oid, 'SELECT')`,
    )
    const found: string[] = []
    for (const { name } of names) {
      const rows = await session.query<{ text: string }>(
        `SELECT t::text AS text FROM ${name} t WHERE t::text LIKE '%${CANARY}%' LIMIT 1`,
      )
      for (const { text } of rows) found.push(`a row of ${name}: ${text.slice(0, 300)}`)
    }
    return found
  })
  const rows = await ask(mine.slug, 'GET', '/v1/datasets/meter_months/rows?format=json')
  if (JSON.stringify(rows).includes(CANARY)) problems.push('rows of the dataset')
  return [...problems, ...tables]
}
