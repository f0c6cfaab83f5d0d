import { resolve } from 'node:path'
import type { Command } from 'commander'

import type { Door } from '#cli/door/door.ts'
import { MillraceError } from '#kernel/errors.ts'
import { configureSource } from '#operations/sources/configure.ts'

/** `--location` and what belongs to it: kept as the tenant's options of the source. */
export function addSourceOptions(command: Command): void {
  command
    .option(
      '--location <template>',
      'where the files lie, with {yyyy} {MM} {dd} {HH} {tenant}; kept for the tenant',
    )
    .option('--region <name>', 'region of the S3 bucket')
    .option('--endpoint <url>', "an S3 server that is not Amazon's")
    .option('--path-style', 'the bucket is part of the path, not of the host name')
    .option('--anonymous', 'read a public bucket without signing')
    .option('--aws-environment', "use this machine's own AWS credentials")
}

interface SourceFlags {
  readonly location?: string
  readonly region?: string
  readonly endpoint?: string
  readonly pathStyle?: boolean
  readonly anonymous?: boolean
  readonly awsEnvironment?: boolean
}

/** A new location replaces all former options; without one, the named options change. */
export async function configureFrom(
  door: Door,
  datasets: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { location, region, endpoint, pathStyle, anonymous, awsEnvironment } =
    options as SourceFlags
  const given = { region, endpoint, pathStyle, anonymous, awsEnvironment }
  const named = Object.values(given).some((value) => value !== undefined)
  if (location === undefined && !named) return
  const [dataset, ...others] = datasets
  if (dataset === undefined || others.length > 0) {
    const message = '--location and its options need exactly one dataset: the source'
    throw new MillraceError('usage-invalid', { message, command: 'run' })
  }
  await door.invoke(configureSource, {
    dataset,
    ...given,
    ...(location === undefined ? {} : { location: absolute(location), replace: true }),
  })
}

/** A relative path means this folder, wherever the server was started. */
function absolute(location: string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(location) ? location : resolve(location)
}
