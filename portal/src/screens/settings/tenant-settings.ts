import type { OutputOf } from '~/api/client.ts'

export type TenantSettings = OutputOf<'tenants.show'>
