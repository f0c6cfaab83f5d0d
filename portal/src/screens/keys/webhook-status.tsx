import type { OutputOf } from '~/api/client.ts'
import { webhooks as words } from '~/texts/webhooks.ts'
import { Status } from '~/ui/status.tsx'

export type Subscription = OutputOf<'subscriptions.list'>['subscriptions'][number]

const looks = { active: 'active', paused: 'paused', failing: 'failed' }

export function WebhookStatus({ state }: { readonly state: Subscription['state'] }) {
  return <Status state={looks[state]} label={words.states[state]} />
}
