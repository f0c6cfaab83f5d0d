import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { parseAsOf } from '#serving/as-of-text.ts'
import type { Condition, Question, SortBy, Subject } from '#serving/question.ts'

const texts = z.union([z.string().max(20_000), z.array(z.string().max(20_000)).max(50)])
const names = z.array(z.string().min(1).max(200)).min(1).max(500)

/** What every door asks of rows, beside what they are rows of. */
export const questionFields = {
  where: z
    .record(z.string().min(1).max(200), texts)
    .optional()
    .describe(
      'Conditions on columns, all of which hold: `where.company=eq.acme`. The operators are eq, ne, lt, le, gt, ge, in (`in.a,b`), is (`is.null`, `is.not-null`), starts and contains; one column may have several.',
    ),
  select: names.optional().describe('Columns that are wanted, in that order; default: all.'),
  sort: names
    .optional()
    .describe('Columns that order the rows; `-` before one turns it round: `-events,company`.'),
  asOf: z
    .string()
    .max(40)
    .optional()
    .describe(
      'What was published then: a commit number, a day or a time (`2026-11-02T10:00:00Z`); default: now.',
    ),
  cells: z
    .enum(['raw', 'spreadsheet'])
    .default('raw')
    .describe(
      'spreadsheet: texts in CSV that a spreadsheet would run as a formula begin with an apostrophe.',
    ),
  cursor: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('`next` of the page before: the page behind it, over the same versions.'),
} as const

export interface QuestionInput {
  readonly where?: Readonly<Record<string, string | readonly string[]>> | undefined
  readonly select?: readonly string[] | undefined
  readonly sort?: readonly string[] | undefined
  readonly asOf?: string | undefined
}

/** Throws `condition-invalid`, `as-of-invalid`. */
export function toQuestion(
  subject: Subject,
  { where = {}, select, sort, asOf }: QuestionInput,
): Question {
  return {
    subject,
    select: select?.flatMap(commaParts) ?? null,
    where: Object.entries(where).flatMap(([column, said]) =>
      [said].flat().map((text) => toCondition(column, text)),
    ),
    sort: sort?.flatMap(commaParts).map(toSort) ?? null,
    asOf: asOf === undefined ? null : parseAsOf(asOf),
  }
}

/** A command line gives `a,b` as one value. */
function commaParts(names: string): string[] {
  return names.split(',')
}

const operators: ReadonlySet<string> = new Set('eq ne lt le gt ge in is starts contains'.split(' '))

function toCondition(column: string, text: string): Condition {
  const at = text.indexOf('.')
  const op = at < 0 ? text : text.slice(0, at)
  if (at < 0 || !operators.has(op)) {
    const problem = `"${text.slice(0, 100)}" does not begin with an operator and a point`
    throw new MillraceError('condition-invalid', { column, problem })
  }
  const value = text.slice(at + 1)
  return { column, op, value: op === 'in' ? listOf(column, value) : value } as Condition
}

/** `a,b`, or as JSON where a value holds a comma: `["a,b","c"]`. */
function listOf(column: string, text: string): string[] {
  if (!text.startsWith('[')) return text.split(',')
  try {
    return z.array(z.string()).parse(JSON.parse(text))
  } catch {
    const problem = '`in` takes values with commas between them, or a JSON list of texts'
    throw new MillraceError('condition-invalid', { column, problem })
  }
}

function toSort(text: string): SortBy {
  return text.startsWith('-')
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false }
}
