import type { OutputOf } from '~/api/client.ts'

export type RunRow = OutputOf<'runs.list'>['runs'][number]
