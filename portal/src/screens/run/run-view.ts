import type { OutputOf } from '~/api/client.ts'

export type RunView = OutputOf<'runs.get'>
