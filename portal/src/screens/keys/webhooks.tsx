import { Plus, Webhook } from 'lucide-react'
import { useState } from 'react'

import { useOperationPages } from '~/api/operation.ts'
import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import { WebhookDrawer } from '~/screens/keys/webhook-drawer.tsx'
import { WebhookEditor } from '~/screens/keys/webhook-editor.tsx'
import { WebhookStatus, type Subscription } from '~/screens/keys/webhook-status.tsx'
import { common } from '~/texts/common.ts'
import { webhooks as words } from '~/texts/webhooks.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'

const LOOK_MS = 3_000

/** Addresses that are told of events, and whether they are reached. */
export function Webhooks() {
  const pages = useOperationPages(
    'subscriptions.list',
    { limit: 100 },
    {
      cursorField: 'after',
      // No event tells that one gets through again.
      everyMs: (known) =>
        known.some(({ subscriptions }) => subscriptions.some(({ failures }) => failures > 0))
          ? LOOK_MS
          : false,
    },
  )
  const { webhook } = useAddressValues()
  const setAddress = useSetAddress()
  const [editing, setEditing] = useState<Subscription | 'new'>()
  const all = pages.data?.pages.flatMap((page) => page.subscriptions) ?? []
  const opened = all.find(({ id }) => id === webhook)
  return (
    <Card
      flush
      note={words.note}
      title={words.title}
      actions={
        <Button
          look="primary"
          size="small"
          icon={<Plus size={14} />}
          operation="subscriptions.create"
          onClick={() => setEditing('new')}
        >
          {words.create}
        </Button>
      }
    >
      <Answer of={pages}>
        {() =>
          all.length === 0 ? (
            <Empty title={words.empty} icon={<Webhook size={22} />}>
              {words.emptyHint}
            </Empty>
          ) : (
            <ul>
              {all.map((own) => (
                <li key={own.id}>
                  <button
                    type="button"
                    onClick={() => setAddress({ webhook: own.id }, { push: true })}
                    className="flex w-full flex-wrap items-center gap-x-4 gap-y-1.5 border-t border-line px-4 py-3 text-left text-sm hover:bg-sunken"
                  >
                    <Row own={own} />
                  </button>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      {pages.hasNextPage && (
        <div className="flex justify-center p-3">
          <Button onClick={() => void pages.fetchNextPage()}>{common.showMore}</Button>
        </div>
      )}
      {opened && (
        <WebhookDrawer
          own={opened}
          onEdit={() => setEditing(opened)}
          onClose={() => setAddress({ webhook: undefined })}
        />
      )}
      {editing !== undefined && (
        <WebhookEditor
          own={editing === 'new' ? null : editing}
          onClose={() => setEditing(undefined)}
        />
      )}
    </Card>
  )
}

function Row({
  own: { title, url, state, kinds, deliveredAt, failures },
}: {
  readonly own: Subscription
}) {
  return (
    <>
      <span className="min-w-48 grow basis-0">
        <span className="block truncate font-medium">{title}</span>
        <code className="block truncate font-mono text-xs text-faint">{url}</code>
      </span>
      <span className="text-xs text-soft">
        {kinds === null ? words.everything : words.kindCount(kinds.length)}
      </span>
      <span className="text-xs text-faint">
        {words.delivered} {deliveredAt === null ? words.never : <Time at={deliveredAt} />}
      </span>
      {failures > 0 && <span className="text-xs text-bad">{words.failures(failures)}</span>}
      <WebhookStatus state={state} />
    </>
  )
}
