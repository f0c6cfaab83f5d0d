import type { Command } from 'commander'

import { MillraceError } from '#kernel/errors.ts'

/** `--month` and `--partition`, as every command that chooses partitions has them. */
export function addPartitionOptions(command: Command): void {
  command
    .option('-m, --month <M[..M]>', 'a month or a range of months: 2021-04 or 2021-04..2021-09')
    .option('-p, --partition <K[..K]>', 'a partition key, a range, or several separated by commas')
}

const month = /^\d{4}-\d{2}$/

/** Both speak of partition keys; a month of a dataset cut by days is all of its days. */
export function partitionOf(options: Readonly<Record<string, unknown>>): string | undefined {
  const { month: months, partition } = options as { month?: string; partition?: string }
  if (months === undefined) return partition
  if (partition !== undefined) {
    const message = '--month and --partition say the same thing: give one of them'
    throw new MillraceError('usage-invalid', { message, command: '' })
  }
  if (!months.split('..').every((part) => month.test(part))) {
    throw new MillraceError('partition-key-invalid', {
      key: months,
      grain: 'month',
      example: '2021-04',
    })
  }
  return months
}
