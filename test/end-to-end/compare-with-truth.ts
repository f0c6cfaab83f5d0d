import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { publishedRows, type PublishedRow } from '../support/published.ts'
import type { TestMillrace } from '../support/open-parts.ts'
import { truthOf, type Truth } from './events-truth.ts'
import { differencesFrom } from './events-truth-rows.ts'

const packFolder = join(import.meta.dirname, '..', '..', 'packs', 'events')

/** Figures of these monthly files, computed without Millrace. */
export function truthOfFiles(paths: ReadonlyMap<string, string>): Promise<Truth> {
  const list = readFileSync(join(packFolder, 'reference', 'mail_providers.csv'), 'utf8')
  return truthOf(paths, new Set(list.trim().split(/\r?\n/).slice(1)))
}

/** Month → path of its file below a folder, as the sample and the real data lie. */
export function eventFiles(folder: string, months: readonly string[]): Map<string, string> {
  return new Map(
    months.map((month) => [month, join(folder, month.replace('-', '/'), 'events.csv')]),
  )
}

/** Every published figure beside the truth: sentences where they differ, and how much was compared. */
export async function compareWithTruth(
  millrace: TestMillrace,
  truth: Truth,
): Promise<{ differences: string[]; datasets: number; partitions: number; rows: number }> {
  const differences: string[] = []
  let partitions = 0
  let rows = 0
  for (const [dataset, expected] of truth.datasets) {
    const published = Map.groupBy(await publishedRows(millrace, dataset), (row) =>
      String(row['_partition']),
    )
    for (const partition of new Set([...expected.keys(), ...published.keys()])) {
      const own = (published.get(partition) ?? []).map(withoutPartition)
      const right = expected.get(partition) ?? []
      differences.push(...differencesFrom(right, own, `${dataset} ${partition}`))
      partitions++
      rows += right.length
    }
  }
  return { differences, datasets: truth.datasets.size, partitions, rows }
}

function withoutPartition({ _partition, ...row }: PublishedRow): PublishedRow {
  return row
}
