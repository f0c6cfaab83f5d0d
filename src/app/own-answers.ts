import type { PlaceTools } from '#app/place-tools.ts'
import type { Answers } from '#serving/answer.ts'
import type { AnswerParts } from '#serving/answers/answer-parts.ts'
import { openAnswers } from '#serving/answers/open-answers.ts'

/** Longest time of a query that writes a file. */
const FILE_DEADLINE_MS = 3_600_000
const KEY_BYTES = 32

/** The answers of a place of this process. */
export function openOwnAnswers(
  tools: Pick<PlaceTools, 'config' | 'readers' | 'secrets' | 'random' | 'clock'>,
  place: Pick<AnswerParts, 'catalog' | 'lake' | 'receipts' | 'factory'>,
): Answers {
  const { config, readers, secrets, random, clock } = tools
  const keys = secrets.keysFor('cursors')
  return openAnswers({
    ...place,
    readers,
    clock,
    // Without a file of keys, cursors end with the process that made them.
    cursorKeys: keys.length > 0 ? keys : [random.bytes(KEY_BYTES)],
    limits: {
      rowsMax: config.rowsMax,
      bytesMax: config.answerBytesMax,
      deadlineMs: config.queryDeadlineMs,
      fileDeadlineMs: FILE_DEADLINE_MS,
      cacheBytes: config.answerCacheBytes,
    },
  })
}
