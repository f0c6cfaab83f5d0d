import type { z } from 'zod'

import type { Setting } from '#app/setting-rules.ts'
import { settings } from '#app/settings.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Every setting, parsed once at the start. This file is the only one that reads the environment. */

export type Environment = Readonly<Record<string, string | undefined>>

type Settings = typeof settings
export type SettingName = keyof Settings

/** Frozen. Paths are absolute, sizes in bytes. */
export type Config = {
  readonly [Name in SettingName]: Settings[Name] extends Setting<infer Value> ? Value : never
}

/** All settings, or one `settings-invalid` that lists every problem. An empty variable counts as unset. */
export function parseConfig(environment: Environment): Config {
  const problems: string[] = []
  const config: Record<string, unknown> = {}
  for (const [name, { variable, parse, masked }] of Object.entries(settings)) {
    const given = environment[variable] === '' ? undefined : environment[variable]
    const result = (parse as z.ZodType).safeParse(given)
    if (result.success) config[name] = result.data
    else {
      const shown = masked ? 'its value' : JSON.stringify(given)
      problems.push(`${variable}: ${shown} ${result.error.issues[0]?.message ?? 'cannot be used'}`)
    }
  }
  const { url, key, operatorKeyFile } = config
  if (url !== null && url !== undefined && key === null && operatorKeyFile === null) {
    problems.push('MILLRACE_KEY: is not set, and MILLRACE_URL needs it')
  }
  if (problems.length > 0) throw new MillraceError('settings-invalid', { problems })
  return Object.freeze(config) as Config
}

export function configFromEnvironment(): Config {
  return parseConfig(process.env)
}

/** The value in a form that may be printed: secrets are masked. */
export function printableSetting(
  config: Config,
  name: SettingName,
): string | number | boolean | null {
  const value = config[name]
  const { masked } = settings[name] as Setting<unknown>
  if (value === null) return null
  if (masked === 'secret') return '••••••••'
  if (masked === 'url') return String(value).replace(/:\/\/([^:@/]*):[^@/]*@/, '://$1:••••••••@')
  return typeof value === 'object' ? value.join(', ') : value
}
