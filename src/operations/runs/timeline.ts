import { z } from 'zod'

import { listTimeline, runMoment, type TimelinePlace } from '#catalog/run-timeline.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runField } from '#operations/runs/run-data.ts'

const CURSOR = /^(\d{1,9})\.(\d{1,15})$/

export const runTimeline = defineOperation({
  name: 'runs.timeline',
  summary: 'Attempts of a run with their worker and times, as columns, for a picture of it',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/runs/{run}/timeline' },
  input: z.strictObject({
    run: runField,
    cursor: z.string().regex(CURSOR).optional().describe('Where the former answer ended (`next`).'),
    limit: z.int().min(1).max(20_000).default(5_000).describe('Most tasks of the answer.'),
  }),
  output: z.object({
    run: z.string(),
    /** The clock that begins and ends attempts. */
    now: z.iso.datetime(),
    /** Since when the attempts of a run that ended long ago are gone. */
    sweptAt: z.iso.datetime().nullable(),
    /** What `attempts` names by its place here. */
    workers: z.array(z.string()),
    datasets: z.array(z.string()),
    /** One list for each column, all equally long: in the order of the plan, then of the attempts. */
    attempts: z.object({
      task: z.array(z.int()),
      number: z.array(z.int()),
      dataset: z.array(z.int()),
      partition: z.array(z.string()),
      worker: z.array(z.int()),
      /** Attempts of one batch ran together, in one slot. */
      batch: z.array(z.int()),
      state: z.array(z.string()),
      /** Milliseconds since 1970; an end is null while it runs. */
      startedMs: z.array(z.number()),
      endedMs: z.array(z.number().nullable()),
      /** What its own part of the batch took. */
      workMs: z.array(z.number().nullable()),
      rows: z.array(z.int().nullable()),
    }),
    next: z.string().nullable(),
  }),
  async handler({ run, cursor, limit }, { parts, caller }) {
    const runId = await resolveRun(parts, caller.tenant, run)
    const { moment, found } = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const known = await runMoment(session, runId)
      if (!known) throw new MillraceError('run-unknown', { run })
      const after = cursor === undefined ? null : placeOf(cursor)
      return { moment: known, found: await listTimeline(session, { runId, after, limit }) }
    })
    const workers = new Places()
    const datasets = new Places()
    const last = found.at(-1)
    const tasks = new Set(found.map(({ task }) => task)).size
    return {
      run: runId,
      now: moment.now.toISOString(),
      sweptAt: moment.tasksSweptAt?.toISOString() ?? null,
      attempts: {
        task: found.map(({ task }) => task),
        number: found.map(({ number }) => number),
        dataset: found.map(({ dataset }) => datasets.of(dataset)),
        partition: found.map(({ partition }) => partition),
        worker: found.map(({ worker }) => workers.of(worker)),
        batch: found.map(({ batch }) => batch),
        state: found.map(({ state }) => state),
        startedMs: found.map(({ startedMs }) => startedMs),
        endedMs: found.map(({ endedMs }) => endedMs),
        workMs: found.map(({ workMs }) => workMs),
        rows: found.map(({ rows }) => rows),
      },
      workers: workers.names,
      datasets: datasets.names,
      next: tasks === limit && last ? `${last.ordinal}.${last.task}` : null,
    }
  },
})

function placeOf(cursor: string): TimelinePlace {
  const [, ordinal, task] = CURSOR.exec(cursor) ?? []
  return { ordinal: Number(ordinal), task: Number(task) }
}

/** Names in the order in which they were met. */
class Places {
  readonly names: string[] = []
  readonly #places = new Map<string, number>()

  of(name: string): number {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    this.#places.set(name, this.names.length)
    return this.names.push(name) - 1
  }
}
