import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { paint, type Tone } from '#cli/render/look.ts'
import { harmless, wrap } from '#cli/render/text.ts'
import { formatInstant } from '#cli/render/units.ts'
import { formatBytes, formatDuration } from '#kernel/units.ts'
import { taskLogs } from '#operations/tasks/logs.ts'

const tones: Readonly<Record<string, Tone>> = {
  debug: 'faint',
  info: 'accent',
  warn: 'notice',
  error: 'bad',
}

export const logsCommand: Command = {
  define(command) {
    command
      .argument('<task>', 'the task: its number, as summaries name it, or `task_…`')
      .option('-n, --limit <count>', 'the last so many lines', '1000')
  },
  async run(context, [task], options) {
    const door = await context.door()
    const answer = await door.invoke(taskLogs, {
      task: /^\d+$/.test(task ?? '') ? Number(task) : (task ?? ''),
      limit: Number(options['limit']),
    })
    if (context.json) {
      context.terminal.print([JSON.stringify(answer, null, 2)])
      return exitCodes.done
    }
    const look = context.terminal.outLook()
    const { dataset, partition, state, runId, id } = answer.task
    const title = `Task ${id}: ${dataset} ${partition}, ${state}`
    const lines = answer.attempts.flatMap((attempt) => {
      const costs = [
        ...(attempt.wallMs === null ? [] : [formatDuration(attempt.wallMs)]),
        ...(attempt.cpuMs === null ? [] : [`${formatDuration(attempt.cpuMs)} of CPU`]),
        ...(attempt.peakMemoryBytes === null
          ? []
          : [`peak ${formatBytes(attempt.peakMemoryBytes)}`]),
      ]
      const head = [
        `attempt ${attempt.number}`,
        attempt.state,
        formatInstant(attempt.startedAt),
        ...costs,
      ]
      return [
        `  ${head.join(' · ')}`,
        ...answer.lines
          .filter((line) => line.attempt === attempt.number)
          .map(
            ({ at, level, message }) =>
              `    ${paint(look, 'faint', at.slice(11, 23))} ${paint(look, tones[level] ?? 'accent', level.padEnd(5))} ${harmless(message)}`,
          ),
        ...(attempt.error
          ? [
              ...wrap(harmless(attempt.error.message), look.width, '    ✗ ', '      '),
              ...wrap(harmless(attempt.error.remedy), look.width, '    → ', '      '),
            ]
          : []),
      ]
    })
    context.terminal.print([
      `${paint(look, 'strong', title)} ${paint(look, 'faint', `· ${runId}`)}`,
      ...(lines.length > 0 ? lines : ['  no attempt yet']),
    ])
    return exitCodes.done
  },
}
