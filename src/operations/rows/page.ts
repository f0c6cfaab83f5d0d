import { z } from 'zod'

import { askedFields, subjectOf } from '#operations/deliveries/asked-subject.ts'
import { countRequest } from '#operations/endpoints/count-request.ts'
import { sendAnswer } from '#operations/endpoints/send-answer.ts'
import { defineOperation } from '#operations/operation.ts'
import { questionFields, toQuestion } from '#operations/rows/question-input.ts'

/**
 * A page of an endpoint or of a dataset in one form, with what is to be known of it beside the rows:
 * `{rows, columns, receipt, asOf, commit, completeness, next}`.
 */
export const rowsPage = defineOperation({
  name: 'rows.page',
  summary: 'A page of rows of an endpoint or a dataset, with their columns, state and receipt',
  permission: 'read',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/rows',
    gathers: { where: 'where.', parameters: 'parameters.' },
  },
  input: z.strictObject({
    ...askedFields,
    cells: questionFields.cells,
    cursor: questionFields.cursor,
    limit: z.int().min(1).max(1000).default(1000).describe('Rows of the page.'),
  }),
  output: 'stream',
  handler(input, context) {
    const { parts, caller, signal } = context
    return countRequest(context, async (known) => {
      const { cells, cursor = null, limit } = input
      const subject = await subjectOf(parts, caller, input)
      if (subject.kind === 'endpoint') known(subject.version)
      const question = toQuestion(subject, input)
      const answer =
        cursor === null
          ? await parts.answers.ask(caller, question, signal)
          : await parts.answers.resume(caller, question, cursor, signal)
      const title = input.endpoint ?? input.dataset ?? 'rows'
      const sending = { question, answer, title, format: 'json', cells, limit, cursor } as const
      const page = await sendAnswer(context, { ...sending, headers: {} })
      // Of a dataset as it is the catalog knows them; whatever else would have to be counted.
      const isKnown = subject.kind === 'dataset' && question.where.length === 0
      return isKnown ? { ...page, totalRows: await answer.total(signal) } : page
    })
  },
})
