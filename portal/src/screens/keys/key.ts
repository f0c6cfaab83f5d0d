import type { OutputOf } from '~/api/client.ts'

/** A key as lists show it: without the secret, which is seen once. */
export type Key = OutputOf<'keys.list'>['keys'][number]

/** How much a key asks, and how much it may. */
export type KeyUse = OutputOf<'keys.use'>['keys'][number]

/** What somebody is about to do with a key. */
export interface KeyDeed {
  readonly key: Key
  readonly deed: 'rotate' | 'limit' | 'revoke'
}
