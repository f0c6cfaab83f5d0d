import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'

/**
 * Every setting, parsed once at the start. This file is the only one that reads the environment;
 * `docs/reference/settings.md` is generated from the entries below.
 */

export type Environment = Readonly<Record<string, string | undefined>>

interface Setting<Value> {
  readonly variable: string
  readonly description: string
  /** What holds when the variable is unset or empty, in words for the reference page. */
  readonly defaultText: string
  /** `secret`: never printed; `url`: printed without its password. */
  readonly masked?: 'secret' | 'url'
  readonly parse: z.ZodType<Value, string | undefined>
}

const text = z.string()
const optionalText = text.optional().transform((value) => value ?? null)
const httpUrl = z
  .url({ protocol: /^https?$/, error: 'is not an address that begins with http:// or https://' })
  .transform((url) => url.replace(/\/+$/, ''))

function whole(least: number, most: number, fallback: number) {
  const rule = `is not a whole number from ${least} to ${most}`
  return text
    .optional()
    .transform((value) => (value === undefined ? fallback : Number(value)))
    .pipe(z.int(rule).min(least, rule).max(most, rule))
}

function size(least: number, fallback: number) {
  return text.optional().transform((value, context) => {
    if (value === undefined) return fallback
    const bytes = parseSize(value)
    if (bytes !== null && bytes >= least) return bytes
    const rule = `is not a size of at least ${least / 2 ** 20} MiB; write it like 512MiB or 2GB`
    context.addIssue({ code: 'custom', message: rule })
    return z.NEVER
  })
}

export const settings = {
  home: setting({
    variable: 'MILLRACE_HOME',
    description: 'Folder of the catalog, the lake, temporary files and keys.',
    defaultText: '`./.millrace`',
    parse: text.default('.millrace').transform((path) => resolve(path)),
  }),
  host: setting({
    variable: 'MILLRACE_HOST',
    description:
      'Address that the server listens on. Anything but 127.0.0.1 opens it to the network.',
    defaultText: '`127.0.0.1`',
    parse: text.default('127.0.0.1'),
  }),
  port: setting({
    variable: 'MILLRACE_PORT',
    description: 'Port that the server listens on; 0 takes any free one.',
    defaultText: '`7420`',
    parse: whole(0, 65_535, 7420),
  }),
  publicUrl: setting({
    variable: 'MILLRACE_PUBLIC_URL',
    description: 'Address under which others reach the server, for links in answers.',
    defaultText: 'the address that it listens on',
    parse: httpUrl.optional().transform((value) => value ?? null),
  }),
  databaseUrl: setting({
    variable: 'DATABASE_URL',
    description:
      'PostgreSQL 15 or later for the catalog: `postgres://user:password@host:5432/millrace`.',
    defaultText: 'an embedded PostgreSQL in `MILLRACE_HOME`',
    masked: 'url',
    parse: z
      .url({ protocol: /^postgres(ql)?$/, error: 'is not an address that begins with postgres://' })
      .optional()
      .transform((value) => value ?? null),
  }),
  lake: setting({
    variable: 'MILLRACE_LAKE',
    description: 'Folder of the published Parquet files.',
    defaultText: '`lake` in `MILLRACE_HOME`',
    parse: text
      .refine(
        (path) => !path.includes('://'),
        'is an address; a lake outside of the disk is not supported yet',
      )
      .optional()
      .transform((path) => (path === undefined ? null : resolve(path))),
  }),
  packs: setting({
    variable: 'MILLRACE_PACKS',
    description: 'Folders of further packs, separated by commas.',
    defaultText: 'the packs that Millrace brings',
    parse: text.default('').transform((list) =>
      list
        .split(',')
        .map((path) => path.trim())
        .filter((path) => path !== '')
        .map((path) => resolve(path)),
    ),
  }),
  cacheFolder: setting({
    variable: 'MILLRACE_CACHE',
    description: 'Folder of the user for what can be made again: an empty catalog to begin from.',
    defaultText: '`.cache/millrace` in the home folder of the user',
    parse: text.default(join(homedir(), '.cache', 'millrace')).transform((path) => resolve(path)),
  }),
  tenant: setting({
    variable: 'MILLRACE_TENANT',
    description: 'Tenant that commands work for, unless `--tenant` names one.',
    defaultText: '`default`, or the tenant of `MILLRACE_KEY`',
    parse: optionalText,
  }),
  url: setting({
    variable: 'MILLRACE_URL',
    description: 'Server that commands are a client of; needs `MILLRACE_KEY`.',
    defaultText: 'the server that runs on this machine, else none',
    parse: httpUrl.optional().transform((value) => value ?? null),
  }),
  key: setting({
    variable: 'MILLRACE_KEY',
    description: 'API key for the server at `MILLRACE_URL`.',
    defaultText: 'none',
    masked: 'secret',
    parse: optionalText,
  }),
  slots: setting({
    variable: 'MILLRACE_SLOTS',
    description: 'Tasks that run at the same time, each in its own child process.',
    defaultText: 'one for each processor core, at most 8',
    parse: whole(1, 256, Math.min(8, availableParallelism())),
  }),
  memoryBytes: setting({
    variable: 'MILLRACE_MEMORY',
    description: 'Memory of all engine processes together, shared by the slots.',
    defaultText: '`1GiB`',
    parse: size(256 * 2 ** 20, 2 ** 30),
  }),
  rowsMax: setting({
    variable: 'MILLRACE_ROWS_MAX',
    description: 'Most rows that one REST request answers at once.',
    defaultText: '`10000`',
    parse: whole(1, 1_000_000, 10_000),
  }),
  logLevel: setting({
    variable: 'MILLRACE_LOG',
    description: 'What the server logs: `debug`, `info`, `warn`, `error` or `silent`.',
    defaultText: '`info` for the server, `warn` for commands',
    parse: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'], {
        error: 'is not one of debug, info, warn, error, silent',
      })
      .optional()
      .transform((value) => value ?? null),
  }),
  noColor: setting({
    variable: 'NO_COLOR',
    description: 'Any value turns colours off (https://no-color.org).',
    defaultText: 'colours in a terminal',
    parse: text.optional().transform((value) => value !== undefined),
  }),
  forceColor: setting({
    variable: 'FORCE_COLOR',
    description: 'Any value but 0 keeps colours when the output is not a terminal.',
    defaultText: 'no colours outside of a terminal',
    parse: text.optional().transform((value) => value !== undefined && value !== '0'),
  }),
} as const

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
  const { url, key } = config
  if (url !== null && url !== undefined && key === null) {
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
  return Array.isArray(value) ? value.join(', ') : value
}

/** `512MiB`, `2GB`, `1073741824`; null when it is not a size. */
export function parseSize(written: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?$/i.exec(written.trim())
  if (!match) return null
  const power = ['', 'K', 'M', 'G', 'T'].indexOf((match[2] ?? '').toUpperCase())
  return Math.round(Number(match[1]) * (match[3] ? 1024 : 1000) ** power)
}

export function lakeFolder(config: Config): string {
  return config.lake ?? join(config.home, 'lake')
}

function setting<Value>(entry: Setting<Value>): Setting<Value> {
  return entry
}
