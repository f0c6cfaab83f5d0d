import { z } from 'zod'

import { getTask, listTasks } from '#catalog/tasks.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { PlanRequest, PlanTarget } from '#model/plan.ts'
import type { Task, TaskState } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { datasetField, definitionOf, keysOf, partitionField } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'
import { placesField, readPlaces, targetsOf } from '#operations/plans/places.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'

/** A region of the grid: datasets × partitions × states, with or without what it reads and what reads it. */
export const regionFields = {
  datasets: z
    .array(datasetField)
    .max(1000)
    .default([])
    .describe('Datasets that are asked for; none: all of them.'),
  partition: partitionField.optional(),
  mode: z
    .enum(['run', 'rerun'])
    .default('run')
    .describe(
      '`run` takes what is missing, stale or failed, with inputs and downstream; `rerun` takes exactly these partitions, even if fresh.',
    ),
  only: z
    .array(z.enum(['missing', 'stale', 'pending', 'failed', 'held']))
    .min(1)
    .optional()
    .describe('Of those partitions only the ones in these states.'),
  upstream: z
    .boolean()
    .optional()
    .describe(
      'False: inputs that are stale stay as they are; one that was never built comes first all the same.',
    ),
  downstream: z
    .boolean()
    .optional()
    .describe('Whatever reads them, too. Default: true for `run`, false for `rerun`.'),
  order: z
    .enum(['oldest', 'newest'])
    .optional()
    .describe('Which periods come first where slots are short; default: oldest.'),
}

export const planFields = {
  ...regionFields,
  fromTask: z
    .int()
    .min(1)
    .optional()
    .meta({ names: 'build' })
    .describe('In place of a region: the partition of this task again, and whatever reads it.'),
  ofRun: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ names: 'run' })
    .describe('With datasets: their partitions that this run had, again, and whatever reads them.'),
  failedOf: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ names: 'run' })
    .describe('In place of a region: what failed, was held, skipped or cancelled in this run.'),
  places: placesField.optional(),
}

type PlanInput = z.output<z.ZodObject<typeof planFields>>

/** Throws `dataset-unknown`, `place-unknown`, `task-unknown`, `run-unknown`, `region-unclear`, `run-has-none`. */
export async function toPlanRequest(
  parts: Parts,
  tenant: Tenant,
  input: PlanInput,
): Promise<PlanRequest> {
  const { fromTask, ofRun, failedOf, places } = input
  const forms = [fromTask, ofRun, failedOf, places].filter((form) => form !== undefined)
  if (forms.length > 1) throw unclear('fromTask, ofRun, failedOf and places exclude each other')
  const named = input.datasets.length > 0 || input.partition !== undefined || input.only
  if (places !== undefined) {
    if (named) throw unclear('places say which partitions: leave datasets, partition and only out')
    const snapshot = await parts.factory.matrix(tenant, { exact: true })
    const targets = targetsOf(snapshot, readPlaces(snapshot, places))
    return { ...toRequest(parts, input), targets }
  }
  if (named && (fromTask !== undefined || failedOf !== undefined)) {
    throw unclear('a task or a run says which partitions; datasets, partition and only say others')
  }
  if (fromTask !== undefined) return again(input, [await placeOfTask(parts, tenant, fromTask)])
  if (ofRun !== undefined) return again(input, await placesOfRun(parts, tenant, ofRun, input))
  if (failedOf !== undefined) {
    const targets = await failedPlaces(parts, tenant, failedOf)
    return { ...toRequest(parts, input), mode: 'run', targets }
  }
  return toRequest(parts, input)
}

/** True where the input names nothing at all, so that a plan's token may stand for it. */
export function isBlank(input: PlanInput): boolean {
  const { datasets, mode, ...rest } = input
  const named = Object.keys(regionFields).concat('fromTask', 'ofRun', 'failedOf', 'places')
  const given = rest as Readonly<Record<string, unknown>>
  return datasets.length === 0 && mode === 'run' && named.every((name) => given[name] === undefined)
}

function toRequest(parts: Parts, input: PlanInput): PlanRequest {
  const definitions = input.datasets.map((dataset) => definitionOf(parts, dataset))
  const asked = definitions.length > 0 ? definitions : parts.factory.datasets
  const { only, upstream, downstream, order } = input
  return {
    datasets: input.datasets,
    partitions: keysOf(input.partition, asked),
    mode: input.mode,
    ...(only === undefined ? {} : { only }),
    ...(upstream === undefined ? {} : { upstream }),
    ...(downstream === undefined ? {} : { downstream }),
    ...(order === undefined ? {} : { order }),
  }
}

/** These places even if fresh, and what reads them where it comes out otherwise. */
function again({ downstream, order }: PlanInput, targets: readonly PlanTarget[]): PlanRequest {
  return {
    datasets: [],
    partitions: null,
    mode: 'rerun',
    targets,
    downstream: downstream ?? true,
    ...(order === undefined ? {} : { order }),
  }
}

async function placeOfTask(parts: Parts, tenant: Tenant, taskId: number): Promise<PlanTarget> {
  const task = await parts.catalog.asTenant(tenant, (session) => getTask(session, taskId))
  if (task?.kind !== 'build') throw new MillraceError('task-unknown', { task: taskId })
  return { dataset: task.dataset, partitions: [task.partition] }
}

async function placesOfRun(
  parts: Parts,
  tenant: Tenant,
  run: string,
  { datasets, partition, only }: PlanInput,
): Promise<PlanTarget[]> {
  if (datasets.length === 0 || partition !== undefined || only) {
    throw unclear('a run and datasets say which partitions: leave partition and only out')
  }
  for (const dataset of datasets) definitionOf(parts, dataset)
  const tasks = await tasksOfRun(parts, tenant, run)
  const own = tasks.filter(({ dataset }) => datasets.includes(dataset))
  if (own.length === 0) {
    throw new MillraceError('run-has-none', { run, what: `computes ${datasets.join(', ')}` })
  }
  return placesOfTasks(own)
}

const unsuccessful: readonly TaskState[] = ['failed', 'held', 'skipped', 'cancelled']

async function failedPlaces(parts: Parts, tenant: Tenant, run: string): Promise<PlanTarget[]> {
  const tasks = await tasksOfRun(parts, tenant, run, unsuccessful)
  if (tasks.length === 0) {
    throw new MillraceError('run-has-none', { run, what: 'failed, was held, skipped or cancelled' })
  }
  return placesOfTasks(tasks)
}

async function tasksOfRun(
  parts: Parts,
  tenant: Tenant,
  run: string,
  states?: readonly TaskState[],
): Promise<Task[]> {
  const runId = await resolveRun(parts, tenant, run)
  const tasks = await parts.catalog.asTenant(tenant, (session) =>
    listTasks(session, { runId, states, limit: Number.MAX_SAFE_INTEGER }),
  )
  return tasks.filter(({ kind }) => kind === 'build')
}

function placesOfTasks(tasks: readonly Task[]): PlanTarget[] {
  return [...Map.groupBy(tasks, ({ dataset }) => dataset)].map(([dataset, own]) => ({
    dataset,
    partitions: own.map(({ partition }) => partition),
  }))
}

function unclear(message: string): MillraceError {
  return new MillraceError('region-unclear', { message })
}
