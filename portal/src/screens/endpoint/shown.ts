import type { OutputOf } from '~/api/client.ts'

/** An endpoint with its example, as the server shows it. */
export type Shown = OutputOf<'endpoints.show'>
