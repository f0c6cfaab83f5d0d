import { z } from 'zod'

import { listRunLogs, type LogPlace } from '#catalog/run-logs.ts'
import { runMoment } from '#catalog/run-timeline.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { resolveRun } from '#operations/runs/resolve-run.ts'
import { runField } from '#operations/runs/run-data.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const
const CURSOR = /^(\d{1,15})\.(\d{1,15})$/
const instant = z.iso.datetime({ offset: true }).optional()

export const runLogs = defineOperation({
  name: 'runs.logs',
  summary: 'Log lines of all tasks of a run by time, those of a span, a level or a text if asked',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/runs/{run}/logs' },
  input: z.strictObject({
    run: runField,
    from: instant.describe('Only lines from this time on.'),
    until: instant.describe('Only lines up to this time.'),
    level: z.enum(levels).default('debug').describe('Only lines that are at least so severe.'),
    text: z.string().min(1).max(200).optional().describe('Only lines with this in the message.'),
    dataset: datasetField.optional(),
    cursor: z.string().regex(CURSOR).optional().describe('Where the former answer ended (`next`).'),
    limit: z.int().min(1).max(5_000).default(500).describe('Most lines of the answer.'),
  }),
  output: z.object({
    run: z.string(),
    /** Since when the lines of a run that ended long ago are gone. */
    sweptAt: z.iso.datetime().nullable(),
    lines: z.array(
      z.object({
        task: z.int(),
        dataset: z.string(),
        partition: z.string(),
        attempt: z.int(),
        at: z.iso.datetime(),
        level: z.enum(levels),
        message: z.string(),
      }),
    ),
    next: z.string().nullable(),
  }),
  async handler(input, { parts, caller }) {
    const { limit, level } = input
    const runId = await resolveRun(parts, caller.tenant, input.run)
    const { moment, found } = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const known = await runMoment(session, runId)
      if (!known) throw new MillraceError('run-unknown', { run: input.run })
      const lines = await listRunLogs(session, {
        runId,
        from: input.from === undefined ? null : new Date(input.from),
        until: input.until === undefined ? null : new Date(input.until),
        levels: level === 'debug' ? null : levels.slice(levels.indexOf(level)),
        text: input.text ?? null,
        dataset: input.dataset ?? null,
        after: input.cursor === undefined ? null : placeOf(input.cursor),
        limit: limit + 1,
      })
      return { moment: known, found: lines }
    })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      run: runId,
      sweptAt: moment.logsSweptAt?.toISOString() ?? null,
      lines: page.map(({ taskId, id: _id, at, ...line }) => ({
        task: taskId,
        ...line,
        at: at.toISOString(),
      })),
      next: found.length > limit && last ? `${last.at.getTime()}.${last.id}` : null,
    }
  },
})

function placeOf(cursor: string): LogPlace {
  const [, at, id] = CURSOR.exec(cursor) ?? []
  return { at: new Date(Number(at)), id: Number(id) }
}
