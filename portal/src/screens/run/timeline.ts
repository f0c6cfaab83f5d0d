import type { OutputOf } from '~/api/client.ts'

export type Timeline = OutputOf<'runs.timeline'>
