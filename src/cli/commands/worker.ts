import type { Command } from '#cli/command.ts'
import { serveConfig } from '#cli/serving/serve-config.ts'
import { serveProcess } from '#cli/serving/serve-process.ts'

/** `serve --parts=worker` for a machine of its own: its health listens on any free port by default. */
export const workerCommand: Command = {
  define(command) {
    command
      .option('--slots <n>', 'tasks that run at the same time')
      .option('--tags <tags>', 'what this machine offers to tasks that ask for it: gpu,big')
      .option('--port <port>', 'port of /livez, /readyz and /metrics; 0 takes any free one')
      .option('--host <address>', 'address that it listens on')
  },
  async run(context, _args, options) {
    const config = serveConfig(context.config, { ...options, parts: 'worker' }, 'worker')
    return serveProcess(context, config, { port: config.port ?? 0, demo: false })
  },
}
