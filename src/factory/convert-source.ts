import { join } from 'node:path'

import { publish, type PublishedFile } from '#catalog/publish.ts'
import { loadMendNames, loadMends } from '#catalog/repairs.ts'
import { assertRules, loadRules, type NumberedRules } from '#catalog/subject-rules.ts'
import { endTasks } from '#catalog/task-ends.ts'
import type { ConvertResult } from '#engine/protocol.ts'
import { endUnsuccessfully, type Attempt } from '#factory/attempt.ts'
import { loadInputGraph } from '#factory/load-graph.ts'
import { ENVIRONMENT, type FactoryParts } from '#factory/parts.ts'
import { removeRefused } from '#factory/remove-refused.ts'
import type { SourceObject } from '#factory/sources.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { formatBytes } from '#kernel/units.ts'
import { filePath, type FileRole } from '#lake/file-path.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { sourceFingerprint } from '#model/fingerprint.ts'
import { definitionAt } from '#model/accepted-code.ts'
import { nodeOf, positionOf, type Graph } from '#model/graph.ts'
import { mendsOf, type Mends } from '#model/mend.ts'
import type { JobCost, ObservedValue, StagedFile } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { ClaimedTask, PublishedPartition } from '#model/run.ts'
import { subjectColumnsOf } from '#model/subject.ts'

/**
 * One partition of a source: fetch the object, read it, publish its rows and what was held back.
 * An object whose tag is the published one ends the task `unchanged` without a transfer.
 */
export async function convertSource(
  parts: FactoryParts,
  attempt: Attempt,
  source: SourceDefinition,
): Promise<void> {
  const [task] = attempt.tasks as readonly [ClaimedTask]
  try {
    if (source.append) {
      const { partition } = task
      throw new MillraceError('append-fetches-nothing', { dataset: source.name, partition })
    }
    const graph = await loadInputGraph(parts, attempt.tenant, source)
    const found = await parts.sources.stat(attempt.tenant, source, task.partition, attempt.signal)
    const mended = await loadMended(parts, attempt, source, task.partition)
    const asRead = { ...found, mends: mended.name }
    if (!task.forced && isCurrent(graph, source, task.partition, asRead)) {
      attempt.log('info', `unchanged: ${found.location} still has the tag ${found.etag}`)
      const ends = [{ taskId: task.id, fence: task.fence, state: 'unchanged' as const }]
      await parts.catalog.asTenant(attempt.tenant, (session) => endTasks(session, task.runId, ends))
      return
    }
    await fetchAndPublish(parts, attempt, source, graph, task, mended)
  } catch (error) {
    attempt.log('error', toMillraceError(error).message)
    await endUnsuccessfully(parts, attempt, [task], error)
  }
}

async function fetchAndPublish(
  parts: FactoryParts,
  attempt: Attempt,
  source: SourceDefinition,
  graph: Graph,
  task: ClaimedTask,
  mended: Mended,
): Promise<void> {
  const stagingFolder = await parts.lake.staging(attempt.name)
  try {
    const rawPath = join(stagingFolder, 'raw')
    attempt.report('fetch')
    const startedMs = parts.clock.monotonicMs()
    const object = await parts.sources.fetch(attempt.tenant, source, task.partition, {
      path: rawPath,
      onProgress: (bytes, totalBytes) => attempt.report('fetch', bytes, totalBytes),
      signal: attempt.signal,
    })
    const fetchMs = parts.clock.monotonicMs() - startedMs
    attempt.log(
      'info',
      `fetched ${object.location}, ${formatBytes(object.sizeBytes)} in ${Math.round(fetchMs)} ms`,
    )
    const rules = await parts.catalog.asTenant(attempt.tenant, (session) =>
      loadRules(
        session,
        subjectColumnsOf(source).map(({ kind }) => kind),
      ),
    )
    const { result, cost } = await parts.engine.run(
      {
        kind: 'convert',
        source,
        rules: rules.rules,
        mends: mended.mends,
        partition: task.partition,
        rawPath,
        location: object.location,
        stagingFolder,
        tempFolder: stagingFolder,
        limits: {
          memoryBytes: parts.limits.convertMemoryBytes,
          threads: parts.limits.convertThreads,
          deadlineMs: parts.limits.deadlineMs,
        },
      },
      {
        signal: attempt.signal,
        onProgress: ({ step, bytes, totalBytes }) => attempt.report(step, bytes, totalBytes),
      },
    )
    attempt.log(
      'info',
      `received ${result.received} rows = ${result.accepted} accepted + ${result.repaired} repaired + ${result.quarantined} quarantined${leftOut(result)}`,
    )
    attempt.report('publish')
    const whole = { ...cost, wallMs: cost.wallMs + fetchMs }
    const asRead = { ...object, mends: mended.name }
    await publishConverted(parts, attempt, source, graph, task, asRead, rules, result, whole)
  } finally {
    await parts.lake.discardStaging(attempt.name)
  }
}

async function publishConverted(
  parts: FactoryParts,
  attempt: Attempt,
  source: SourceDefinition,
  graph: Graph,
  task: ClaimedTask,
  object: SourceObject,
  { number }: NumberedRules,
  result: ConvertResult,
  cost: JobCost,
): Promise<void> {
  const files: PublishedFile[] = []
  const adopt = async (staged: StagedFile | null, role: FileRole) => {
    if (!staged) return
    const path = filePath({
      tenant: attempt.tenant,
      dataset: source.name,
      firstPartition: task.partition,
      taskId: task.id,
      fence: task.fence,
      role,
    })
    const { sizeBytes, sha256 } = await parts.lake.adopt(staged, path)
    files.push({ path, sizeBytes, sha256, rows: staged.rows, role })
  }
  await adopt(result.file, 'data')
  await adopt(result.quarantine, 'quarantine')
  const { location, etag, sizeBytes, modifiedAt } = object
  const { received, accepted, repaired, quarantined, quarantineReasons, outcome } = result
  const partition: PublishedPartition = {
    taskId: task.id,
    fence: task.fence,
    partition: task.partition,
    fingerprint: sourceFingerprint(source, object),
    codeVersion: source.codeVersion,
    dataVersion: outcome.dataVersion,
    rows: outcome.rows,
    columns: result.columns,
    checks: outcome.checks,
    held: outcome.checks.some((check) => !check.passed && check.severity === 'blocking'),
    observed: withGone(graph, source, task.partition, result.observed),
    inputs: [],
    origin: {
      location,
      etag,
      sizeBytes,
      modifiedAt: modifiedAt.toISOString(),
      sha256: result.rawSha256,
      received,
      accepted,
      repaired,
      quarantined,
      ...(result.withheld > 0 && { withheld: result.withheld }),
      ...(result.erased > 0 && { erased: result.erased }),
      ...(result.quarantine && result.header && { header: result.header }),
      reasons: quarantineReasons,
    },
    cost,
  }
  const publishing = parts.catalog.asTenant(attempt.tenant, async (session) => {
    const published = await publish(session, {
      environment: ENVIRONMENT,
      dataset: source.name,
      runId: task.runId,
      files,
      partitions: [partition],
    })
    await assertRules(session, published, number)
  })
  await publishing.catch((error: unknown) => removeRefused(parts, files, error))
}

/** What is to be done with the records of a partition, and its name in the fingerprint. */
interface Mended {
  readonly mends: Mends | null
  readonly name: string | null
}

async function loadMended(
  parts: FactoryParts,
  { tenant }: Attempt,
  { name }: SourceDefinition,
  partition: PartitionKey,
): Promise<Mended> {
  return parts.catalog.asTenant(tenant, async (session) => ({
    mends: await loadMends(session, name, partition, { pending: false }),
    name: mendsOf(await loadMendNames(session, name), partition),
  }))
}

/** What was read about subjects and is kept nowhere. */
function leftOut({ withheld, erased }: ConvertResult): string {
  return `${withheld > 0 ? ` + ${withheld} withheld` : ''}${erased > 0 ? ` + ${erased} erased` : ''}`
}

/** Values that the former version held stay named, with no rows, so that what read them is reached. */
function withGone(
  graph: Graph,
  source: SourceDefinition,
  key: PartitionKey,
  observed: readonly ObservedValue[],
): ObservedValue[] | null {
  if (!source.observes) return null
  const former = nodeOf(graph, source.name).state.observed.find((entry) => entry.partition === key)
  const present = new Set(observed.map(({ value }) => value))
  const gone = (former?.values ?? [])
    .filter(({ value }) => !present.has(value))
    .map(({ value }) => ({ value, dataVersion: 'gone:0', rows: 0 }))
  return [...observed, ...gone]
}

function isCurrent(
  graph: Graph,
  source: SourceDefinition,
  key: PartitionKey,
  found: SourceObject,
): boolean {
  const node = nodeOf(graph, source.name)
  const position = positionOf(node, key)
  const pointer = position < 0 ? -1 : (node.pointers[position] as number)
  if (pointer < 0 || node.state.undone[pointer]) return false
  const under = definitionAt(node, position, source)
  return node.state.fingerprints[pointer] === sourceFingerprint(under, found)
}
