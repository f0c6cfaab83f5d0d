import { publish, type PublishedFile } from '#catalog/publish.ts'
import { assertNotErased } from '#catalog/subject-rules.ts'
import { endTasks } from '#catalog/task-ends.ts'
import type { BuildResult, JobInput } from '#engine/protocol.ts'
import { endUnsuccessfully, type Attempt } from '#factory/attempt.ts'
import { InputsMoved, resolveInputs } from '#factory/build-inputs.ts'
import { loadInputGraph } from '#factory/load-graph.ts'
import { ENVIRONMENT, type FactoryParts } from '#factory/parts.ts'
import { removeRefused } from '#factory/remove-refused.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { filePath } from '#lake/file-path.ts'
import type { LakeHold } from '#lake/lake.ts'
import type { AnalysisDefinition } from '#model/definition.ts'
import { versionInputs } from '#model/explain.ts'
import { analysisFingerprint } from '#model/fingerprint.ts'
import { definitionAt } from '#model/accepted-code.ts'
import { nodeOf, positionOf, type Graph } from '#model/graph.ts'
import type { JobCost } from '#model/outcome.ts'
import type { ClaimedTask, PublishedPartition } from '#model/run.ts'

/** The task with the fingerprint of what it would be computed from at this moment. */
interface Resolved {
  readonly task: ClaimedTask
  readonly fingerprint: string
}

const RESOLVE_AT_MOST = 5

/**
 * One batch of an analysis: what turns out unchanged ends so; the rest is computed by one child
 * into one file and published in one transaction. A partition that fails is split out of the batch:
 * the others are published, it is tried again alone.
 */
export async function buildBatch(
  parts: FactoryParts,
  attempt: Attempt,
  definition: AnalysisDefinition,
): Promise<void> {
  const graph = await loadInputGraph(parts, attempt.tenant, definition)
  const resolved = resolve(graph, definition, attempt.tasks)
  const unchanged = resolved.filter((entry) => isCurrent(graph, definition, entry))
  if (unchanged.length > 0) {
    attempt.log('info', 'unchanged: its inputs came out as they were')
    const ends = unchanged.map(({ task }) => ({
      taskId: task.id,
      fence: task.fence,
      state: 'unchanged' as const,
    }))
    await parts.catalog.asTenant(attempt.tenant, (session) =>
      endTasks(session, (attempt.tasks[0] as ClaimedTask).runId, ends),
    )
  }
  const rest = resolved.filter((entry) => !unchanged.includes(entry)).map(({ task }) => task)
  if (rest.length > 0) await buildOrSplit(parts, attempt, definition, rest, graph)
}

async function buildOrSplit(
  parts: FactoryParts,
  attempt: Attempt,
  definition: AnalysisDefinition,
  tasks: readonly ClaimedTask[],
  graph: Graph | null,
): Promise<void> {
  try {
    await buildAndPublish(parts, attempt, definition, tasks, graph)
  } catch (thrown) {
    const error = thrown instanceof NotPublished ? thrown.cause : thrown
    const blameless = thrown instanceof NotPublished && toMillraceError(error).entry.retryable
    if (tasks.length === 1 || attempt.signal.aborted || failsAlike(error) || blameless) {
      attempt.log('error', toMillraceError(error).message)
      return endUnsuccessfully(parts, attempt, tasks, error)
    }
    for (const part of split(tasks, culpritOf(error))) {
      await buildOrSplit(parts, attempt, definition, part, null)
    }
  }
}

/** Computed, but the lake or the catalog did not take it: where that passes, no partition is to blame. */
class NotPublished extends Error {}

/** A lost lease concerns the whole batch; so does a SELECT that does not bind, whatever it reads. */
function failsAlike(error: unknown): boolean {
  const { code } = toMillraceError(error)
  return code === 'lease-lost' || (code === 'analysis-failed' && culpritOf(error) === null)
}

function culpritOf(error: unknown): string | null {
  const partition = error instanceof MillraceError ? error.details['partition'] : null
  return typeof partition === 'string' ? partition : null
}

/** The others and the culprit where it is known, else two halves. */
function split(tasks: readonly ClaimedTask[], culprit: string | null): ClaimedTask[][] {
  const guilty = tasks.filter((task) => task.partition === culprit)
  if (guilty.length > 0 && guilty.length < tasks.length) {
    return [tasks.filter((task) => task.partition !== culprit), guilty]
  }
  const middle = Math.ceil(tasks.length / 2)
  return [tasks.slice(0, middle), tasks.slice(middle)]
}

async function buildAndPublish(
  parts: FactoryParts,
  attempt: Attempt,
  definition: AnalysisDefinition,
  tasks: readonly ClaimedTask[],
  loaded: Graph | null,
): Promise<void> {
  const hold = parts.lake.hold()
  try {
    const partitions = tasks.map((task) => task.partition)
    const settled = await settledInputs(parts, hold, attempt, definition, partitions, loaded)
    await buildFrom(parts, attempt, definition, tasks, settled)
  } finally {
    await hold.release()
  }
}

interface SettledInputs {
  readonly graph: Graph
  readonly inputs: JobInput[]
  /** Versions that are read. */
  readonly versionIds: readonly number[]
}

async function buildFrom(
  parts: FactoryParts,
  attempt: Attempt,
  definition: AnalysisDefinition,
  tasks: readonly ClaimedTask[],
  { graph, inputs, versionIds }: SettledInputs,
): Promise<void> {
  const partitions = tasks.map((task) => task.partition)
  const [first] = tasks as readonly [ClaimedTask, ...ClaimedTask[]]
  const staging = `${attempt.name}-${first.id}`
  const stagingFolder = await parts.lake.staging(staging)
  try {
    attempt.report('query')
    const built = parts.engine.run(
      {
        kind: 'build',
        dataset: definition.name,
        language: definition.language,
        text: definition.text,
        ...definition.partitioning,
        partitions,
        inputs,
        checks: definition.checks,
        order: definition.order ?? null,
        stagingFolder,
        tempFolder: stagingFolder,
        limits: {
          memoryBytes: parts.limits.buildMemoryBytes,
          threads: 1,
          deadlineMs: parts.limits.deadlineMs,
        },
      },
      {
        signal: attempt.signal,
        onProgress: ({ step, bytes, totalBytes }) => attempt.report(step, bytes, totalBytes),
      },
    )
    const { result, cost } = await built.catch((error: unknown) =>
      blameErasure(parts, attempt, versionIds, error),
    )
    for (const line of result.logs) attempt.log('info', line)
    attempt.report('publish')
    const settled = { graph, versionIds }
    await publishResult(parts, attempt, definition, settled, tasks, result, cost).catch(
      (cause: unknown) => {
        throw new NotPublished('the results were not published', { cause })
      },
    )
  } finally {
    await parts.lake.discardStaging(staging)
  }
}

/** Throws: `subjects-changed` where an erasure took the files away that were being read, else the error. */
async function blameErasure(
  { catalog }: FactoryParts,
  { tenant }: Attempt,
  versionIds: readonly number[],
  error: unknown,
): Promise<never> {
  if (isGone(error)) {
    await catalog.asTenant(tenant, (session) => assertNotErased(session, versionIds))
  }
  throw error
}

function isGone(error: unknown): boolean {
  const { code } = toMillraceError(error)
  return code === 'file-missing' || code === 'input-damaged'
}

/** Inputs and fingerprints of one and the same moment, however busy the publishers are. */
async function settledInputs(
  parts: FactoryParts,
  hold: LakeHold,
  attempt: Attempt,
  definition: AnalysisDefinition,
  partitions: readonly string[],
  loaded: Graph | null,
): Promise<SettledInputs> {
  for (let tries = 1; ; tries++) {
    const known = tries === 1 ? loaded : null
    const graph = known ?? (await loadInputGraph(parts, attempt.tenant, definition))
    try {
      return {
        graph,
        ...(await resolveInputs(parts, hold, attempt, graph, definition, partitions)),
      }
    } catch (error) {
      // A file that is gone once may have been erased between the catalog's answer and the look at it.
      const isMoved = error instanceof InputsMoved || (isGone(error) && tries === 1)
      if (!isMoved || tries === RESOLVE_AT_MOST) throw error
    }
  }
}

async function publishResult(
  parts: FactoryParts,
  attempt: Attempt,
  definition: AnalysisDefinition,
  { graph, versionIds }: Pick<SettledInputs, 'graph' | 'versionIds'>,
  tasks: readonly ClaimedTask[],
  result: BuildResult,
  cost: JobCost,
): Promise<void> {
  const [first] = tasks as readonly [ClaimedTask, ...ClaimedTask[]]
  const { tenant } = attempt
  const files: PublishedFile[] = []
  if (result.file) {
    const address = { tenant, dataset: definition.name, firstPartition: first.partition }
    const isPart = tasks.length < attempt.tasks.length
    const path = filePath({
      ...address,
      taskId: first.id,
      fence: first.fence,
      partTasks: isPart ? tasks.length : undefined,
      role: 'data',
    })
    const { sizeBytes, sha256 } = await parts.lake.adopt(result.file, path)
    files.push({ path, sizeBytes, sha256, rows: result.file.rows, role: 'data' })
  }
  const share = shareOf(cost, tasks.length)
  const resolved = resolve(graph, definition, tasks)
  const partitions = result.outcomes.map((outcome, index): PublishedPartition => {
    const { task, fingerprint } = resolved[index] as Resolved
    return {
      taskId: task.id,
      fence: task.fence,
      partition: outcome.partition,
      fingerprint,
      codeVersion: definition.codeVersion,
      dataVersion: outcome.dataVersion,
      rows: outcome.rows,
      columns: result.columns,
      checks: outcome.checks,
      held: outcome.checks.some((check) => !check.passed && check.severity === 'blocking'),
      observed: null,
      inputs: versionInputs(graph, definition, outcome.partition),
      origin: null,
      cost: share,
    }
  })
  const publishing = parts.catalog.asTenant(tenant, async (session) => {
    const published = await publish(session, {
      environment: ENVIRONMENT,
      dataset: definition.name,
      runId: first.runId,
      files,
      partitions,
    })
    await assertNotErased(session, versionIds, published)
  })
  await publishing.catch((error: unknown) => removeRefused(parts, files, error))
  const rows = result.outcomes.reduce((sum, outcome) => sum + outcome.rows, 0)
  attempt.log(
    'info',
    `published ${rows} rows in ${tasks.length} partitions (${result.mode} mode, ${Math.round(cost.wallMs)} ms)`,
  )
}

function resolve(
  graph: Graph,
  definition: AnalysisDefinition,
  tasks: readonly ClaimedTask[],
): Resolved[] {
  const cache = new Map<string, string>()
  return tasks.map((task) => ({
    task,
    fingerprint: analysisFingerprint(graph, definition, task.partition, cache),
  }))
}

function isCurrent(
  graph: Graph,
  definition: AnalysisDefinition,
  { task, fingerprint }: Resolved,
): boolean {
  if (task.forced) return false
  const node = nodeOf(graph, definition.name)
  const { state, pointers } = node
  const position = positionOf(node, task.partition)
  const pointer = position < 0 ? -1 : (pointers[position] as number)
  if (pointer < 0 || state.undone[pointer] || definition.volatile) return false
  if (state.fingerprints[pointer] === fingerprint) return true
  const accepted = definitionAt(node, position, definition)
  if (accepted === definition) return false
  const under = analysisFingerprint(graph, accepted, task.partition, new Map())
  return state.fingerprints[pointer] === under
}

/** A batch's cost, shared out evenly; the peak is the whole batch's. */
function shareOf(cost: JobCost, partitions: number): JobCost {
  return {
    wallMs: cost.wallMs / partitions,
    cpuMs: cost.cpuMs / partitions,
    peakMemoryBytes: cost.peakMemoryBytes,
    readBytes: Math.round(cost.readBytes / partitions),
    writtenBytes: Math.round(cost.writtenBytes / partitions),
  }
}
