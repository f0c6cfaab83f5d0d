import type { OutputOf } from '~/api/client.ts'

export type OwnRole = OutputOf<'roles.list'>['roles'][number]
