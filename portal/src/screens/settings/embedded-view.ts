import type { OutputOf } from '~/api/client.ts'

export type EmbeddedView = OutputOf<'embeds.list'>['embeds'][number]
