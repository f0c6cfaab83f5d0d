import type { OutputOf } from '~/api/client.ts'

export type Target = OutputOf<'targets.list'>['targets'][number]
