import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { renderRuns } from '#cli/render/status-view.ts'
import { renderSummary } from '#cli/render/summary-view.ts'
import { getRun } from '#operations/runs/get.ts'
import { listRunsOperation } from '#operations/runs/list.ts'

export const runsCommand: Command = {
  define(command) {
    command
      .argument('[run]', 'id of a run, its beginning or end, or `last`, to see it in detail')
      .option('-n, --limit <count>', 'how many runs to list', '20')
  },
  async run(context, [run], options) {
    const door = await context.door()
    const { terminal, clock } = context
    const look = terminal.outLook()
    if (run === undefined) {
      const answer = await door.invoke(listRunsOperation, { limit: Number(options['limit']) })
      if (context.json) terminal.print([JSON.stringify(answer, null, 2)])
      else terminal.print(renderRuns(look, answer.runs, clock.now()))
      return exitCodes.done
    }
    const view = await door.invoke(getRun, { run })
    if (context.json) terminal.print([JSON.stringify(view, null, 2)])
    else {
      const { createdAt, endedAt } = view.run
      const tookMs = Date.parse(endedAt ?? clock.now().toISOString()) - Date.parse(createdAt)
      terminal.print([
        ...renderRuns(look, [view.run], clock.now()),
        ...renderSummary(look, view, tookMs),
      ])
    }
    return exitCodes.done
  },
}
