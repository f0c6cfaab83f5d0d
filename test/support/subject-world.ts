import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

import { erasedPartitions, getErasure, requestErasure, type Erasure } from '#catalog/erasures.ts'
import { setRule } from '#catalog/subject-rules.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { buildFolder, openMillrace, type MillraceOptions, type TestMillrace } from './open-parts.ts'

/** Visits of people with devices; what is made of them day by day, month by month and as running state. */
const subjectPack: Readonly<Record<string, string>> = {
  'pack.ts': `
    import { definePack } from 'millrace'
    export default definePack({ name: 'site', description: 'A site for tests.' })`,
  'sources/visits.ts': `
    import { defineSource } from 'millrace'
    export default defineSource({
      description: 'Visits for tests.', format: 'csv', partition: 'month',
      columns: {
        id: { type: 'text' },
        at: { type: 'timestamp', role: 'time', optional: false },
        who: { type: 'text', subject: 'person' },
        device: { type: 'integer', subject: true },
        seconds: { type: 'integer', role: 'measure' },
      },
      observes: { column: 'at', by: 'day' },
    })`,
  'analyses/people_by_day.sql': [
    '-- What each person did on each day.',
    '-- partition: day',
    '-- input: visits observed',
    '-- check: busy warning each seconds >= 0',
    '-- column: who — the person [subject person]',
    'SELECT who, count(*) AS n, CAST(sum(seconds) AS BIGINT) AS seconds FROM visits GROUP BY who',
  ].join('\n'),
  'analyses/people_by_month.sql': [
    '-- What each person did in each month.',
    '-- partition: month',
    '-- order: who',
    'SELECT who, CAST(sum(n) AS BIGINT) AS n, CAST(sum(seconds) AS BIGINT) AS seconds',
    'FROM people_by_day GROUP BY who',
  ].join('\n'),
  'analyses/known_people.sql': [
    '-- Everybody who was seen up to the end of the month.',
    '-- partition: month',
    '-- input: known_people previous',
    '-- column: who text — the person',
    'SELECT DISTINCT who FROM (SELECT who FROM known_people UNION ALL SELECT who FROM people_by_month)',
  ].join('\n'),
}

export interface SubjectWorld {
  readonly folder: string
  readonly millrace: TestMillrace
  /** Writes the file of a month. */
  write(month: string, rows: readonly string[]): Promise<void>
  erase(kind: string, value: string): Promise<Erasure>
}

export const HEADER = 'id,at,who,device,seconds'

/** Outside of a test: whoever calls it removes it. */
export function scratchFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'millrace-site-'))
}

export async function buildSubjectPack(t: TestContext): Promise<string> {
  const folder = await buildFolder(t, 'millrace-site')
  await writeSubjectPack(folder)
  return folder
}

export async function writeSubjectPack(folder: string): Promise<void> {
  for (const [file, text] of Object.entries(subjectPack)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
}

export async function buildSubjectWorld(
  t: TestContext,
  options: MillraceOptions = {},
): Promise<SubjectWorld> {
  const pack = await buildSubjectPack(t)
  const folder = await buildFolder(t, 'millrace-visits')
  const millrace = await openMillrace(t, { packs: [pack], ...options })
  await millrace.configure('visits', { location: `${folder}/{yyyy}-{MM}.csv` })
  return {
    folder,
    millrace,
    write: (month, rows) =>
      writeFile(join(folder, `${month}.csv`), [HEADER, ...rows, ''].join('\n')),
    erase: async (kind, value) => waitForErasure(millrace, await askToErase(millrace, kind, value)),
  }
}

export function askToErase(
  { parts, tenant }: Pick<TestMillrace, 'parts' | 'tenant'>,
  kind: string,
  value: string,
): Promise<string> {
  return parts.catalog.asTenant(tenant, async (session) => {
    const hash = await setRule(session, parts.random, { kind, value, state: 'erased' })
    const request = { id: parts.ids.next('era'), kind, hash, by: 'test' }
    return (await requestErasure(session, request)).id
  })
}

export async function waitForErasure(
  { parts, tenant }: Pick<TestMillrace, 'parts' | 'tenant'>,
  id: string,
): Promise<Erasure> {
  for (;;) {
    const erasure = await parts.catalog.asTenant(tenant, (session) => getErasure(session, id))
    if (erasure.state === 'done') return erasure
    if (erasure.problem) throw new Error(JSON.stringify(erasure.problem))
    await delay(100)
  }
}

export function partitionsErased({ parts, tenant }: TestMillrace, id: string) {
  return parts.catalog.asTenant(tenant, (session) => erasedPartitions(session, id))
}

export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
