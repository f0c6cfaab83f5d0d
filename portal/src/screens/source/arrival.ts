import type { OutputOf } from '~/api/client.ts'

export type Arrival = OutputOf<'sources.arrivals'>['arrivals'][number]
