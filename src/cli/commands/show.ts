import type { Command, CommandContext } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { addPartitionOptions, partitionOf } from '#cli/commands/partition-options.ts'
import { marks, paint } from '#cli/render/look.ts'
import { renderRows } from '#cli/render/rows-view.ts'
import { counted } from '#cli/render/units.ts'
import { formatCount } from '#kernel/units.ts'
import { writeToFile, writeToOutput } from '#cli/write-rows.ts'
import { MillraceError } from '#kernel/errors.ts'
import { exportDataset } from '#operations/datasets/export.ts'
import type { StreamOutput } from '#operations/operation.ts'

const formats = ['table', 'csv', 'json', 'ndjson', 'parquet'] as const
type Format = (typeof formats)[number]

const TABLE_ROWS = 50

export const showCommand: Command = {
  define(command) {
    command.argument('<dataset>', 'a source or an analysis')
    addPartitionOptions(command)
    command
      .option(
        '-f, --format <format>',
        `${formats.join(', ')}; default: a table in a terminal, else csv`,
      )
      .option(
        '-o, --out <file>',
        'write to this file; its ending says the format unless --format does',
      )
      .option('-n, --limit <count>', `at most so many rows (a table: ${TABLE_ROWS})`)
  },
  async run(context, [dataset = ''], options) {
    const { terminal } = context
    const out = options['out'] as string | undefined
    const format = formatOf(context, options['format'] as string | undefined, out)
    const limit = options['limit'] === undefined ? undefined : Number(options['limit'])
    const door = await context.door()
    const partition = partitionOf(options)
    if (format === 'table') {
      const request = { dataset, partition, format: 'ndjson', limit: limit ?? TABLE_ROWS } as const
      await printTable(context, await door.invoke(exportDataset, request), dataset)
      return exitCodes.done
    }
    const rows = await door.invoke(exportDataset, { dataset, partition, format, limit })
    if (out !== undefined) {
      await writeToFile(rows, out)
      terminal.note([
        `  ${paint(terminal.errLook(), 'good', marks.done)} ${counted(rows.rows, 'row')} written to ${out}`,
      ])
    } else {
      if (format === 'parquet' && terminal.outIsTty) {
        const message = 'parquet is not text: write it to a file with --out'
        throw new MillraceError('usage-invalid', { message, command: 'show' })
      }
      await writeToOutput(rows, terminal.out)
    }
    noteMissing(context, rows)
    return exitCodes.done
  },
}

function formatOf(
  context: CommandContext,
  asked: string | undefined,
  out: string | undefined,
): Format {
  const ending = out === undefined ? undefined : /\.(csv|json|ndjson|parquet)$/.exec(out)?.[1]
  const inTerminal = context.terminal.outIsTty && out === undefined
  const format = asked ?? (context.json ? 'json' : (ending ?? (inTerminal ? 'table' : 'csv')))
  const known = formats.find((candidate) => candidate === format)
  if (known && !(known === 'table' && out !== undefined)) return known
  const message = known ? 'a table cannot be written to a file' : `there is no format "${format}"`
  throw new MillraceError('usage-invalid', {
    message: `${message}: choose csv, json, ndjson or parquet`,
    command: 'show',
  })
}

async function printTable(
  context: CommandContext,
  rows: StreamOutput,
  dataset: string,
): Promise<void> {
  const { terminal } = context
  const look = terminal.outLook()
  const bytes = Buffer.concat(await (await rows.open()).toArray())
  terminal.print(renderRows(look, bytes.toString('utf8')))
  const total = rows.totalRows ?? rows.rows
  const left = total - rows.rows
  const text =
    left > 0
      ? `first ${formatCount(rows.rows)} of ${counted(total, 'row')} · all of them with --format csv`
      : counted(total, 'row')
  const parts = rows.partitions > 1 ? ` · ${counted(rows.partitions, 'partition')}` : ''
  terminal.print([
    paint(look, 'faint', `  ${text}${parts} · ${dataset} at commit ${rows.commitNumber}`),
  ])
  noteMissing(context, rows)
}

/** An answer that lacks partitions says so, on the stream that is not data. */
function noteMissing({ terminal }: CommandContext, rows: StreamOutput): void {
  if (rows.partitions >= rows.partitionsAsked) return
  const text = `${rows.partitions} of ${counted(rows.partitionsAsked, 'partition')} are published; \`millrace status\` says why`
  terminal.note([`  ${paint(terminal.errLook(), 'notice', marks.warning)} ${text}`])
}
