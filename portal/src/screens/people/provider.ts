import type { OutputOf } from '~/api/client.ts'

export type Provider = OutputOf<'identityProviders.list'>['providers'][number]
