import { exitCodes, type Command } from '#cli/command.ts'
import { harmless, wrap } from '#cli/render/text.ts'
import { whyTaskOperation } from '#operations/tasks/why.ts'

export const whyCommand: Command = {
  define(command) {
    command.argument('<task>', 'the task: its number, as summaries name it, or `task_…`')
  },
  async run(context, [task]) {
    const door = await context.door()
    const answer = await door.invoke(whyTaskOperation, {
      task: /^\d+$/.test(task ?? '') ? Number(task) : (task ?? ''),
    })
    context.terminal.print(
      context.json
        ? [JSON.stringify(answer, null, 2)]
        : wrap(harmless(answer.sentence), context.terminal.outLook().width, '', '  '),
    )
    return exitCodes.done
  },
}
