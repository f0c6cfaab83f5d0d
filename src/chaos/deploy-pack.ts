import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const runFile = promisify(execFile)

/** `millrace deploy` of this pack alone, as a person would. Throws with what it said when it refuses. */
export async function deployPack(
  options: {
    readonly program: readonly string[]
    readonly environment: Readonly<Record<string, string>>
    readonly folder: string
  },
  packFolder: string,
): Promise<void> {
  const settings = { ...options.environment, MILLRACE_HOME: join(options.folder, 'deploy') }
  const words = [
    ...Object.entries(settings).map(([variable, value]) => `${variable}=${value}`),
    ...options.program,
    'deploy',
    packFolder,
    '--without-shipped',
    '--message',
    'millrace chaos',
  ]
  try {
    await runFile('env', words)
  } catch (error) {
    // Its own message holds the whole command line, with what must stay secret.
    const { stderr } = error as { stderr?: string }
    throw new Error(`deploying the pack of millrace chaos: ${stderr?.trim() ?? 'no answer'}`)
  }
}
