import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { marks, paint } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { counted } from '#cli/render/units.ts'
import { undoRun } from '#operations/runs/undo.ts'

export const undoCommand: Command = {
  define(command) {
    command.argument('<run>', 'id of the run, its beginning or end, or `last`')
  },
  async run(context, [run = ''], _options) {
    const door = await context.door()
    const undone = await door.invoke(undoRun, { run })
    if (context.json) {
      context.terminal.print([JSON.stringify(undone, null, 2)])
      return exitCodes.done
    }
    const look = context.terminal.outLook()
    const rows = [
      ...[...Map.groupBy(undone.restored, ({ dataset, to }) => `${dataset} ${to}`).values()].map(
        (group): Cell[] => [
          { text: marks.done, tone: 'good' },
          { text: group[0]?.dataset ?? '', tone: 'strong' },
          spanOf(group.map(({ partition }) => partition)),
          group[0]?.to === 'former'
            ? 'serves its former version again'
            : 'had none before: not served any more',
        ],
      ),
      ...undone.kept.map((kept): Cell[] => [
        { text: marks.warning, tone: 'notice' },
        { text: kept.dataset, tone: 'strong' },
        kept.partition,
        kept.byRun === null
          ? 'left alone: the files of its former version have been swept'
          : `left alone: published again by ${kept.byRun}`,
      ]),
    ]
    const columns = [
      { title: '', fixed: true },
      { title: '', fixed: true },
      { title: '', fixed: true },
      { title: '' },
    ] as const
    context.terminal.print([
      `${paint(look, 'strong', `Undone: ${undone.run.title}`)} ${paint(look, 'faint', `· ${undone.run.id}`)}`,
      ...renderTable(look, columns, rows),
      `  ${counted(undone.restored.length, 'partition')} put back, ${undone.kept.length} left alone`,
    ])
    return exitCodes.done
  },
}

function spanOf(partitions: readonly string[]): string {
  const sorted = partitions.toSorted()
  const [first = '', last = ''] = [sorted[0], sorted.at(-1)]
  return first === last ? first : `${first}..${last} (${sorted.length})`
}
