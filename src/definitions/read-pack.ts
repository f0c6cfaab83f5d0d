import { readdir } from 'node:fs/promises'
import { join, parse, resolve } from 'node:path'

import { codeVersionOf } from '#definitions/code-version.ts'
import type { CodeVersions } from '#definitions/code-versions.ts'
import { packSchema, parseDeclaration } from '#definitions/declaration-schema.ts'
import { definitionError } from '#definitions/definition-error.ts'
import { bindEndpoints } from '#definitions/endpoint-binding.ts'
import { finishEndpoint } from '#definitions/endpoint.ts'
import { inDependencyOrder } from '#definitions/dependency-order.ts'
import type { DescribeSql, SerializeSql } from '#definitions/duckdb-parser.ts'
import { resolveInputs } from '#definitions/inputs.ts'
import { parseName } from '#definitions/notation.ts'
import { importDeclaration } from '#definitions/pack-modules.ts'
import { readSource, type DefinitionFile } from '#definitions/source.ts'
import { readSqlAnalysis } from '#definitions/sql-analysis.ts'
import { readSqlEndpoint } from '#definitions/sql-endpoint.ts'
import { THIS_PARTITION } from '#definitions/sql-rules.ts'
import { readTask } from '#definitions/task.ts'
import { readTypescriptAnalysis } from '#definitions/typescript-analysis.ts'
import { readTypescriptEndpoint } from '#definitions/typescript-endpoint.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { AnalysisDefinition, Pack } from '#model/definition.ts'

export interface ReadPackDeps {
  /** DuckDB's own parser (see `openDuckdbParser`); may run in another process. */
  readonly serializeSql: SerializeSql
  /** Absent: endpoints are not checked against the columns of their datasets. */
  readonly describeSql?: DescribeSql
  readonly codeVersions: CodeVersions
}

/**
 * Reads the pack in `folder` (pack.ts, sources/*.ts, analyses/*.sql and *.ts, endpoints/*.sql
 * and *.ts, tasks/*.ts): every
 * definition is parsed, checked against the others and given its code version; inputs come before
 * what reads them.
 * Throws a MillraceError of kind `definition` that names file, line, value and the way out.
 */
export async function readPack(folder: string, deps: ReadPackDeps): Promise<Pack> {
  const root = resolve(folder)
  const { name: pack, description } = await readPackFile(root)
  const sourceFiles = await filesOf(root, 'sources', ['.ts', '.js', '.mjs'], pack)
  const analysisFiles = await filesOf(root, 'analyses', ['.sql', '.ts', '.js', '.mjs'], pack)
  const endpointFiles = await filesOf(root, 'endpoints', ['.sql', '.ts', '.js', '.mjs'], pack)
  refuseSharedNames([...sourceFiles, ...analysisFiles, ...endpointFiles])
  const tasks = await Promise.all((await taskFilesOf(root, pack)).map(readTask))

  const sources = await Promise.all(
    sourceFiles.map(async (file) =>
      readSource(file, await importDeclaration(file.path, file.file), deps),
    ),
  )
  const drafts = await Promise.all(
    analysisFiles.map((file) =>
      file.file.endsWith('.sql') ? readSqlAnalysis(file, deps) : readTypescriptAnalysis(file, deps),
    ),
  )
  const known = new Map([...sources, ...drafts].map((dataset) => [dataset.name, dataset]))
  const resolved = drafts.map((draft) => ({ draft, inputs: resolveInputs(draft, known) }))
  const analyses = inDependencyOrder(
    resolved.map(({ draft, inputs }) => ({
      name: draft.name,
      file: draft.file,
      reads: draft.reads,
      build: (): AnalysisDefinition => {
        const { textVersion, reads: _reads, named: _named, placeOf: _placeOf, ...own } = draft
        const analysis = { ...own, inputs }
        return { ...analysis, codeVersion: codeVersionOf(analysis, textVersion) }
      },
    })),
  )
  const endpoints = await Promise.all(
    endpointFiles.map(async (file) => {
      const isSql = file.file.endsWith('.sql')
      const draft = await (isSql ? readSqlEndpoint(file) : readTypescriptEndpoint(file))
      return { draft, definition: await finishEndpoint(draft, known, deps) }
    }),
  )
  const datasets = [
    ...sources.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...analyses.map(({ build }) => build()),
  ]
  const { describeSql, codeVersions } = deps
  if (describeSql) await bindEndpoints(endpoints, datasets, { describeSql, codeVersions })
  return {
    name: pack,
    description,
    folder: root,
    datasets,
    tasks,
    endpoints: endpoints.map(({ definition }) => definition),
  }
}

async function readPackFile(root: string): Promise<{ name: string; description: string }> {
  const names = await readdir(root).catch((error: Error) => {
    throw new MillraceError(
      'pack-missing',
      { folder: root, message: error.message },
      { cause: error },
    )
  })
  const file = ['pack.ts', 'pack.js', 'pack.mjs'].find((name) => names.includes(name))
  if (!file)
    throw new MillraceError('pack-missing', { folder: root, message: 'it holds no pack.ts' })
  const declared = await importDeclaration(join(root, file), file)
  const pack = parseDeclaration(packSchema, declared, file, 'definePack({ name, description })')
  return { name: parseName(pack.name, 'pack', { file }), description: pack.description }
}

async function filesOf(
  root: string,
  folder: string,
  extensions: readonly string[],
  pack: string,
): Promise<DefinitionFile[]> {
  return (await modulesOf(root, folder, extensions)).map((entry) => {
    const file = `${folder}/${entry}`
    const name = parseName(parse(entry).name, 'dataset', { file })
    return { pack, name, file, path: join(root, folder, entry) }
  })
}

/** Their names have a pattern of their own, for they are no datasets. */
async function taskFilesOf(root: string, pack: string): Promise<DefinitionFile[]> {
  return (await modulesOf(root, 'tasks', ['.ts', '.js', '.mjs'])).map((entry) => ({
    pack,
    name: parse(entry).name,
    file: `tasks/${entry}`,
    path: join(root, 'tasks', entry),
  }))
}

/** Names of files in a folder of the pack, sorted; none when there is no such folder. */
async function modulesOf(
  root: string,
  folder: string,
  extensions: readonly string[],
): Promise<string[]> {
  const entries = await readdir(join(root, folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new MillraceError(
      'pack-missing',
      { folder: root, message: error.message },
      { cause: error },
    )
  })
  return entries
    .filter((entry) => extensions.includes(parse(entry).ext))
    .filter((entry) => !/^\.|\.d\.ts$|\.test\.\w+$/.test(entry))
    .toSorted()
}

function refuseSharedNames(files: readonly DefinitionFile[]): void {
  const owners = new Map<string, string>([[THIS_PARTITION, 'Millrace itself']])
  for (const { name, file } of files) {
    const owner = owners.get(name)
    if (owner) {
      throw definitionError(
        { file },
        `the name "${name}" belongs to ${owner} already`,
        'Rename one of the two files.',
      )
    }
    owners.set(name, file)
  }
}
