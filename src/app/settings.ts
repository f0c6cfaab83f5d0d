import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'

import {
  duration,
  httpUrl,
  isNetwork,
  list,
  optionalText,
  setting,
  size,
  text,
  whole,
} from '#app/setting-rules.ts'
import { servingSettings } from '#app/serving-settings.ts'
import { packFolder } from '#app/shipped-packs.ts'
import { MillraceError } from '#kernel/errors.ts'
import { parseLakePlace } from '#lake/lake-place.ts'

/**
 * The entry of every setting: its variable, what it is, and how its text is read.
 * `docs/reference/settings.md` is generated from here.
 */

/** What a process may do; any number of processes may do each. */
export const partNames = ['api', 'scheduler', 'worker', 'notifier'] as const
export type PartName = (typeof partNames)[number]

const TAG = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/

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
    description:
      'Port that the server listens on, and every other process for its health; 0 takes any free one.',
    defaultText: '`7420`; any free one for `millrace worker`',
    parse: whole(0, 65_535, null),
  }),
  publicUrl: setting({
    variable: 'MILLRACE_PUBLIC_URL',
    description: 'Address under which others reach the server, for links in answers.',
    defaultText: 'the address that it listens on',
    parse: httpUrl.optional().transform((value) => value ?? null),
  }),
  trustedProxies: setting({
    variable: 'MILLRACE_TRUSTED_PROXIES',
    description:
      'Addresses or networks of the proxies in front, separated by commas: `10.0.0.0/8,::1`. Only their word on where a request comes from (`X-Forwarded-For`, `X-Forwarded-Proto`) is believed.',
    defaultText: 'none',
    parse: list().refine((places) => places.every(isNetwork), {
      error: 'is not a list of IP addresses or networks, such as 10.0.0.0/8,::1',
    }),
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
    description:
      'Where the published Parquet files lie: a folder, or `s3://bucket/prefix` for a deployment that several machines share.',
    defaultText: '`lake` in `MILLRACE_HOME`',
    parse: text.optional().transform((place, context) => {
      if (place === undefined) return null
      try {
        const parsed = parseLakePlace(place)
        return parsed.kind === 'disk' ? resolve(parsed.folder) : place
      } catch (error) {
        const message = error instanceof MillraceError ? String(error.details['problem']) : 'is odd'
        context.addIssue({ code: 'custom', message: `is not a place of a lake: ${message}` })
        return z.NEVER
      }
    }),
  }),
  lakeCache: setting({
    variable: 'MILLRACE_LAKE_CACHE',
    description:
      'Folder on the local disk where a lake on S3 is staged and cached; processes of one machine may share it.',
    defaultText: '`lake-cache` in `MILLRACE_HOME`',
    parse: text.optional().transform((path) => (path === undefined ? null : resolve(path))),
  }),
  lakeCacheBytes: setting({
    variable: 'MILLRACE_LAKE_CACHE_MAX',
    description: 'Size of that cache; files in use may exceed it.',
    defaultText: '`20GB`',
    parse: size(64 * 2 ** 20, 20e9),
  }),
  s3Endpoint: setting({
    variable: 'MILLRACE_S3_ENDPOINT',
    description: "Address of the lake's S3 server where it is not Amazon's.",
    defaultText: '`AWS_ENDPOINT_URL_S3`, else Amazon S3',
    parse: httpUrl.optional().transform((value) => value ?? null),
  }),
  s3Region: setting({
    variable: 'MILLRACE_S3_REGION',
    description: "Region of the lake's bucket.",
    defaultText: '`AWS_REGION`, else `us-east-1`',
    parse: optionalText,
  }),
  awsEndpoint: setting({
    variable: 'AWS_ENDPOINT_URL_S3',
    description: 'As `MILLRACE_S3_ENDPOINT`, under the name that other programs know.',
    defaultText: 'none',
    parse: httpUrl.optional().transform((value) => value ?? null),
  }),
  awsRegion: setting({
    variable: 'AWS_REGION',
    description: 'As `MILLRACE_S3_REGION`, under the name that other programs know.',
    defaultText: 'none',
    parse: optionalText,
  }),
  awsAccessKeyId: setting({
    variable: 'AWS_ACCESS_KEY_ID',
    description: 'Access key for the lake on S3.',
    defaultText: 'what the AWS library finds on this machine: profile, role',
    parse: optionalText,
  }),
  awsSecretAccessKey: setting({
    variable: 'AWS_SECRET_ACCESS_KEY',
    description: 'Secret of that access key.',
    defaultText: 'none',
    masked: 'secret',
    parse: optionalText,
  }),
  awsSessionToken: setting({
    variable: 'AWS_SESSION_TOKEN',
    description: 'Token of temporary credentials.',
    defaultText: 'none',
    masked: 'secret',
    parse: optionalText,
  }),
  packs: setting({
    variable: 'MILLRACE_PACKS',
    description:
      'Further packs, separated by commas: their folders, or names of those that Millrace brings (`traffic`).',
    defaultText: 'the packs that Millrace brings',
    parse: list().transform((written) => written.map(packFolder)),
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
  parts: setting({
    variable: 'MILLRACE_PARTS',
    description:
      'What `millrace serve` does in this process, separated by commas: `api`, `scheduler`, `worker`, `notifier`.',
    defaultText: 'all of them',
    parse: list().transform((names, context): readonly PartName[] => {
      if (names.length === 0) return partNames
      const odd = names.find((name) => !(partNames as readonly string[]).includes(name))
      if (odd === undefined) return partNames.filter((name) => names.includes(name))
      const message = `names the part "${odd}"; the parts are ${partNames.join(', ')}`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }),
  }),
  tags: setting({
    variable: 'MILLRACE_TAGS',
    description:
      'Tags of this machine, separated by commas (`gpu,big`): tasks that ask for a tag run only where it is offered.',
    defaultText: 'none',
    parse: list().refine((tags) => tags.length <= 32 && tags.every((tag) => TAG.test(tag)), {
      error: 'holds what is not a tag: letters, digits, `.`, `_` and `-`, at most 40 of them',
    }),
  }),
  calls: setting({
    variable: 'MILLRACE_CALLS',
    description: 'Tasks that this process hands to addresses of other services at the same time.',
    defaultText: '`32`',
    parse: whole(0, 1024, 32),
  }),
  leaseMs: setting({
    variable: 'MILLRACE_LEASE',
    description:
      'A worker that is silent for so long loses its tasks to others; it renews three times as often.',
    defaultText: '`30s`',
    parse: duration(2_000, 3_600_000, 30_000),
  }),
  stopGraceMs: setting({
    variable: 'MILLRACE_STOP_GRACE',
    description:
      'Longest time from the request to stop (SIGTERM, Ctrl-C) to the end: what has not ended by then is given back.',
    defaultText: '`25s`',
    parse: duration(0, 600_000, 25_000),
  }),
  stopDrainMs: setting({
    variable: 'MILLRACE_STOP_DRAIN',
    description:
      'How long a stopping API still answers while `/readyz` says 503 already, so that balancers turn away; nothing where nobody asks `/readyz`.',
    defaultText: '`5s`',
    parse: duration(0, 60_000, 5_000),
  }),
  egressAllow: setting({
    variable: 'MILLRACE_EGRESS_ALLOW',
    description:
      'Places inside that sources and tasks may call: hosts, `host:port`, addresses or ranges (`10.0.0.0/8`), separated by commas. Anything else that is not the public internet is refused.',
    defaultText: 'none',
    parse: list(),
  }),
  operatorKeyFile: setting({
    variable: 'MILLRACE_OPERATOR_KEY_FILE',
    description:
      "File with the operators' key of a shared deployment (32 characters or more, nobody else's to read): servers take it from anywhere, commands send it where `MILLRACE_KEY` is not set.",
    defaultText: 'none',
    parse: text.optional().transform((path) => (path === undefined ? null : resolve(path))),
  }),
  secretKeyFile: setting({
    variable: 'MILLRACE_SECRET_KEY_FILE',
    description:
      "File with the keys that secrets in the catalog are encrypted with: 32 bytes in base64 a line, the first one current, nobody else's to read. Every process of a shared deployment needs the same.",
    defaultText:
      '`secret.key` in `MILLRACE_HOME`, made at the first start; none with `DATABASE_URL`',
    parse: text.optional().transform((path) => (path === undefined ? null : resolve(path))),
  }),
  smtpUrl: setting({
    variable: 'MILLRACE_SMTP_URL',
    description:
      'Server that mail goes out by: `smtp://user:password@host:587` (encrypted by STARTTLS where the server offers it; `?requireTLS=true` insists) or `smtps://user:password@host:465`.',
    defaultText: 'none: nothing is sent, and links are shown to whoever invites',
    masked: 'url',
    parse: z
      .url({
        protocol: /^smtps?$/,
        error: 'is not an address that begins with smtp:// or smtps://',
      })
      .optional()
      .transform((value) => value ?? null),
  }),
  mailFrom: setting({
    variable: 'MILLRACE_MAIL_FROM',
    description: 'Sender of that mail: `Millrace <millrace@example.com>`.',
    defaultText: '`Millrace` at the host of `MILLRACE_PUBLIC_URL`, else of this machine',
    parse: text
      .regex(/^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/, {
        error: 'is not an address such as `Millrace <millrace@example.com>`',
      })
      .optional()
      .transform((value) => value ?? null),
  }),
  cell: setting({
    variable: 'MILLRACE_CELL',
    description:
      'Name of the cell that the worker, scheduler and notifier of this process work for, and for nothing else; DATABASE_URL stays that of the directory.',
    defaultText: 'none: they work for the directory, and for each cell that has something to do',
    parse: optionalText,
  }),
  cellIdleMs: setting({
    variable: 'MILLRACE_CELL_IDLE',
    description:
      'A cell that nobody has used and that nothing has run in for so long is closed: its connections end.',
    defaultText: '`5m`',
    parse: duration(1_000, 86_400_000, 300_000),
  }),
  ...servingSettings,
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
