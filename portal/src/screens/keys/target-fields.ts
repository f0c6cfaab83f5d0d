import type { InputOf } from '~/api/client.ts'

export type TargetKind = InputOf<'targets.set'>['kind']
export const targetKinds: readonly TargetKind[] = ['s3', 'postgres', 'webhook']

/** Texts that each kind is told; those that must be there first. */
export const fieldsOfKind = {
  s3: ['location', 'region', 'endpoint', 'accessKeyId', 'secretAccessKey'],
  postgres: ['databaseUrl', 'schema'],
  webhook: ['url'],
} as const satisfies Record<TargetKind, readonly (keyof InputOf<'targets.set'>)[]>

export type TargetField = (typeof fieldsOfKind)[TargetKind][number]

export const secretFields: ReadonlySet<TargetField> = new Set<TargetField>([
  'secretAccessKey',
  'databaseUrl',
])

/** What has to be typed: the place itself, where it is a new one. */
export const isRequired = (field: TargetField, isNew: boolean) =>
  isNew && ['location', 'databaseUrl', 'url'].includes(field)

interface Placed {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
}

/** Where it goes, as far as that may be shown. */
export function placeOf({ kind, options }: Placed): string {
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : '')
  if (kind === 's3') return [text('location'), text('endpoint')].filter(Boolean).join(' · ')
  if (kind === 'webhook') return text('url')
  return [text('databaseUrl'), text('schema')].filter(Boolean).join(' · ')
}
