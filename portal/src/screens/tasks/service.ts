import type { OutputOf } from '~/api/client.ts'

export type Service = OutputOf<'handlers.list'>['handlers'][number]
