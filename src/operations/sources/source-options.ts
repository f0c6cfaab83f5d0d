import { z } from 'zod'

import { secretOptions } from '#connectors/registry.ts'
import { MillraceError } from '#kernel/errors.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'

const optional = <Schema extends z.ZodType>(schema: Schema, description: string) =>
  schema.nullable().optional().describe(description)

const hidden = <Schema extends z.ZodType>(schema: Schema, description: string) =>
  optional(schema, description).meta({ secret: true })

const text = z.string().min(1).max(2000)

/** Null takes an option away. The connector's own schema has the last word. */
export const optionFields = {
  location: optional(
    text,
    'Where the files lie, with {yyyy} {MM} {dd} {HH} {tenant}: `s3://bucket/{yyyy}/{MM}/events.csv` or a path.',
  ),
  region: optional(text, 'Region of the S3 bucket.'),
  endpoint: optional(text, "Address of an S3 server that is not Amazon's."),
  pathStyle: optional(z.boolean(), 'The bucket is part of the path, not of the host name.'),
  anonymous: optional(z.boolean(), 'Read a public bucket without signing.'),
  awsEnvironment: optional(
    z.boolean(),
    "Use this machine's own AWS credentials (environment, profile, role).",
  ),
  accessKeyId: optional(text, 'Access key of the S3 bucket.'),
  secretAccessKey: hidden(text, 'Secret of the access key; kept encrypted, and never shown.'),
  sessionToken: hidden(text, 'Token of temporary credentials; kept encrypted, and never shown.'),
}

export const optionsData = z.object({
  dataset: datasetField,
  /** What the pack says where the tenant has set no location. */
  defaultLocation: z.string().nullable(),
  options: z.record(z.string(), z.unknown()),
})

/** Stands for a secret that is set. */
export const MASK = '••••••••'

export function maskSecrets(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      secretOptions.includes(name) ? MASK : value,
    ]),
  )
}

export function sourceOf(parts: Pick<Parts, 'factory'>, dataset: string) {
  const definition = definitionOf(parts, dataset)
  if (definition.kind === 'source' && !definition.reference) return definition
  const known = parts.factory.datasets
    .filter((candidate) => candidate.kind === 'source' && !candidate.reference)
    .map(({ name }) => name)
  throw new MillraceError('source-unknown', { dataset, known })
}
