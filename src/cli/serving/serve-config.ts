import { parseConfig, type Config } from '#app/config.ts'
import { settings } from '#app/settings.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Options of a command that stand for a setting, by the setting's rules. */
const optionSettings = {
  port: 'port',
  host: 'host',
  parts: 'parts',
  slots: 'slots',
  tags: 'tags',
} as const

/** The settings as the options of this command change them. Throws `usage-invalid`. */
export function serveConfig(
  config: Config,
  options: Readonly<Record<string, unknown>>,
  command: string,
): Config {
  let changed = config
  for (const [option, name] of Object.entries(optionSettings)) {
    const given = options[option]
    if (typeof given !== 'string') continue
    const { variable } = settings[name]
    try {
      changed = { ...changed, [name]: parseConfig({ [variable]: given })[name] }
    } catch (error) {
      const [problem] = (error as MillraceError).details['problems'] as string[]
      const message = problem?.replace(`${variable}:`, `--${option}:`) ?? `--${option} is odd`
      throw new MillraceError('usage-invalid', { message, command }, { cause: error })
    }
  }
  return changed
}
