import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

import { memoryCodeVersions } from '#definitions/code-versions.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { readPack } from '#definitions/read-pack.ts'
import type { AnalysisDefinition, DatasetDefinition, Pack } from '#model/definition.ts'

export const packFile = `import { definePack } from 'millrace'
export default definePack({ name: 'shop', description: 'Orders of a shop.' })
`

/** A source of monthly files that records the days it holds. */
export const ordersFile = `import { defineSource } from 'millrace'
export default defineSource({
  description: 'Orders as the shop exports them.',
  format: 'csv',
  partition: 'month',
  columns: {
    id: { type: 'text' },
    at: { type: 'timestamp', role: 'time', optional: false },
    amount: { type: 'decimal(18,2)', role: 'measure' },
  },
  observes: { column: 'at', by: 'day' },
})
`

// One for the process: starting DuckDB costs more than all that it parses here.
const parser = openDuckdbParser()

/** A pack in a temporary folder: pack.ts and sources/orders.ts unless the files say otherwise. */
export async function buildPack(
  t: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<{
  readonly folder: string
  write(file: string, text: string): Promise<void>
  read(): Promise<Pack>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pack-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  for (const [file, text] of Object.entries({
    'pack.ts': packFile,
    'sources/orders.ts': ordersFile,
    ...files,
  })) {
    await write(file, text)
  }
  return {
    folder,
    write,
    read: () =>
      readPack(folder, {
        serializeSql: parser.serializeSql,
        describeSql: parser.describeSql,
        codeVersions: memoryCodeVersions(),
      }),
  }
}

export function datasetOf(pack: Pack, name: string): DatasetDefinition {
  const dataset = pack.datasets.find((candidate) => candidate.name === name)
  if (!dataset) throw new Error(`the pack has no dataset ${name}`)
  return dataset
}

export function analysisOf(pack: Pack, name: string): AnalysisDefinition {
  const dataset = datasetOf(pack, name)
  if (dataset.kind !== 'analysis') throw new Error(`${name} is a source`)
  return dataset
}
