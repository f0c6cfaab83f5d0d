import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { addPartitionOptions, partitionOf } from '#cli/commands/partition-options.ts'
import { marks, paint } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { counted } from '#cli/render/units.ts'
import { formatCount } from '#kernel/units.ts'
import { listQuarantine } from '#operations/quarantine/list.ts'

export const quarantineCommand: Command = {
  define(command) {
    command.argument('<dataset>', 'a source')
    addPartitionOptions(command)
    command.option('--reason <reason>', 'only rows that were held back for this reason')
    command.option('-n, --limit <count>', 'most rows to show, up to 1,000', '50')
  },
  async run(context, [dataset = ''], options) {
    const door = await context.door()
    const limit = Number(options['limit'])
    const answer = await door.invoke(listQuarantine, {
      dataset,
      partition: partitionOf(options),
      limit,
      ...(typeof options['reason'] === 'string' && { reason: options['reason'] }),
    })
    const { terminal } = context
    if (context.json) {
      terminal.print([JSON.stringify(answer, null, 2)])
      return exitCodes.done
    }
    const look = terminal.outLook()
    if (answer.partitions.length === 0) {
      terminal.print([`  nothing of ${dataset} is published yet`])
      return exitCodes.done
    }
    if (answer.quarantined === 0) {
      const files = counted(answer.partitions.length, 'published partition')
      terminal.print([
        `  ${paint(look, 'good', marks.done)} no row of ${dataset} is held back in ${files}`,
      ])
      return exitCodes.done
    }
    const received = answer.partitions.reduce((sum, one) => sum + one.received, 0)
    const files = new Set(answer.rows.map(({ file }) => file))
    const reasons = answer.reasons.map(({ reason, rows }): Cell[] => [formatCount(rows), reason])
    const rows = answer.rows.map((row): Cell[] => [
      ...(files.size > 1 ? [row.file] : []),
      formatCount(row.line),
      { text: row.reason, tone: 'notice' },
      row.column ?? '',
      row.value ?? '',
      { text: row.raw, tone: 'faint' },
    ])
    const columns = [
      ...(files.size > 1 ? [{ title: 'file' }] : []),
      { title: 'line', align: 'right', fixed: true },
      { title: 'reason', fixed: true },
      { title: 'column', fixed: true },
      { title: 'value' },
      { title: 'as it stands in the file' },
    ] as const
    const [file] = files
    const hidden = answer.quarantined - answer.rows.length
    terminal.print([
      `${paint(look, 'strong', `${counted(answer.quarantined, 'row')} of ${formatCount(received)} held back`)}${files.size === 1 ? paint(look, 'faint', ` · ${file}`) : ''}`,
      ...renderTable(look, [{ title: '', align: 'right', fixed: true }, { title: '' }], reasons),
      '',
      ...renderTable(look, columns, rows),
      ...(hidden > 0
        ? [`  … and ${counted(hidden, 'more row')}: millrace quarantine download ${dataset}`]
        : []),
    ])
    return exitCodes.done
  },
}
