import { availableParallelism } from 'node:os'

import { z } from 'zod'

import { duration, setting, size, whole } from '#app/setting-rules.ts'

/** Of rows that are handed out, and of those that are sent. */
export const servingSettings = {
  deliveries: setting({
    variable: 'MILLRACE_DELIVERIES',
    description:
      'Deliveries that this process carries out at the same time, beside its slots: large exports hold no build.',
    defaultText: '`2`',
    parse: whole(0, 64, 2),
  }),
  deliveryKeepMs: setting({
    variable: 'MILLRACE_DELIVERY_KEEP',
    description: 'How long the file of a delivery is kept, unless whoever asks says otherwise.',
    defaultText: '`7d`',
    parse: duration(60_000, 366 * 86_400_000, 7 * 86_400_000),
  }),
  deliveryAttachBytes: setting({
    variable: 'MILLRACE_DELIVERY_ATTACH_MAX',
    description:
      'Largest file of a delivery that is sent along with its mail, where that is asked for.',
    defaultText: '`1MB`',
    parse: size(0, 1e6),
  }),
  rowsMax: setting({
    variable: 'MILLRACE_ROWS_MAX',
    description: 'Most rows that one REST request answers at once.',
    defaultText: '`10000`',
    parse: whole(1, 1_000_000, 10_000),
  }),
  answerCacheBytes: setting({
    variable: 'MILLRACE_ANSWER_CACHE',
    description:
      'Memory of a process for answers that were given, so that the same question is answered from it until something new is published; one tenant has a quarter of it at most.',
    defaultText: '`128MiB`',
    parse: size(0, 128 * 2 ** 20),
  }),
  endpointKeepMs: setting({
    variable: 'MILLRACE_ENDPOINT_KEEP',
    description:
      'How long the former version of an endpoint is answered to callers that ask for it, after a deployment has changed or removed the endpoint.',
    defaultText: '`90d`',
    parse: duration(0, 3_650 * 86_400_000, 90 * 86_400_000),
  }),
  querySlots: setting({
    variable: 'MILLRACE_QUERY_SLOTS',
    description:
      'Queries over published rows that run at the same time, each in its own process; one tenant has half of them at most.',
    defaultText: 'two for each processor core, at most 8',
    parse: whole(1, 256, Math.min(8, 2 * availableParallelism())),
  }),
  queryMemoryBytes: setting({
    variable: 'MILLRACE_QUERY_MEMORY',
    description: 'Memory of one query over published rows.',
    defaultText: '`256MiB`',
    parse: size(64 * 2 ** 20, 256 * 2 ** 20),
  }),
  customerSql: setting({
    variable: 'MILLRACE_CUSTOMER_SQL',
    description:
      'SQL that people of tenants write: `auto` runs it where this machine lets a jail be made for it that holds (Linux; tried out before the first query), `off` never.',
    defaultText: '`auto`',
    parse: z.enum(['auto', 'off'], { error: 'is not one of auto, off' }).default('auto'),
  }),
  queryDeadlineMs: setting({
    variable: 'MILLRACE_QUERY_TIMEOUT',
    description: 'Longest time of a query that one request answers.',
    defaultText: '`30s`',
    parse: duration(100, 3_600_000, 30_000),
  }),
  answerBytesMax: setting({
    variable: 'MILLRACE_ANSWER_MAX',
    description: 'Most bytes of rows that one request answers at once.',
    defaultText: '`64MiB`',
    parse: size(2 ** 20, 64 * 2 ** 20),
  }),
  appendSlots: setting({
    variable: 'MILLRACE_APPEND_SLOTS',
    description:
      'Append datasets whose rows a worker writes at the same time, each in a child process of its own.',
    defaultText: '`2`',
    parse: whole(1, 64, 2),
  }),
  appendWaitingBytes: setting({
    variable: 'MILLRACE_APPEND_WAITING',
    description:
      'Rows of one tenant that may wait to be written, in bytes as they arrived; who sends more is told to come later (429).',
    defaultText: '`256MB`',
    parse: size(1_000_000, 256e6),
  }),
  appendWaitingBytesInAll: setting({
    variable: 'MILLRACE_APPEND_WAITING_IN_ALL',
    description: 'The same of all tenants together (503).',
    defaultText: '`2GB`',
    parse: size(1_000_000, 2e9),
  }),
} as const
