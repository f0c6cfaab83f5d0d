import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperationPages } from '~/api/operation.ts'
import { common } from '~/texts/common.ts'
import { webhooks as words } from '~/texts/webhooks.ts'
import { Button } from '~/ui/button.tsx'
import { formatDuration } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

type Delivery = OutputOf<'subscriptions.deliveries'>['deliveries'][number]

const LOOK_MS = 1_500

const looks = { waiting: 'waiting', delivered: 'delivered', 'given-up': 'failed' }

/** Events of one webhook, newest first, each with its tries. */
export function WebhookEvents({ subscription }: { readonly subscription: string }) {
  const pages = useOperationPages(
    'subscriptions.deliveries',
    { subscription, limit: 50 },
    {
      cursorField: 'after',
      // No event tells that another one has arrived.
      everyMs: (all) =>
        all.some(({ deliveries }) => deliveries.some(({ state }) => state === 'waiting'))
          ? LOOK_MS
          : false,
    },
  )
  const again = useChange('subscriptions.redeliver', {
    onDone: ({ events }) => showDone(words.redelivered(events)),
  })
  const send = (sequence?: number) =>
    again.mutate({ subscription, ...(sequence !== undefined && { sequence }) })
  return (
    <section className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-2">
        <h3 className="font-semibold">{words.events}</h3>
        <Button
          size="small"
          operation="subscriptions.redeliver"
          busy={again.isPending}
          onClick={() => send()}
        >
          {words.redeliverAll}
        </Button>
      </div>
      <Answer of={pages}>
        {({ pages: all }) => {
          const deliveries = all.flatMap((page) => page.deliveries)
          if (deliveries.length === 0) return <p className="text-faint">{words.noEvents}</p>
          return (
            <ul className="rounded-md border border-line">
              {deliveries.map((delivery) => (
                <Row key={delivery.sequence} delivery={delivery} onSend={send} />
              ))}
            </ul>
          )
        }}
      </Answer>
      {pages.hasNextPage && (
        <Button size="small" onClick={() => void pages.fetchNextPage()}>
          {common.showMore}
        </Button>
      )}
    </section>
  )
}

function Row({
  delivery: { sequence, kind, state, tries, nextTryAt, endedAt },
  onSend,
}: {
  readonly delivery: Delivery
  readonly onSend: (sequence: number) => void
}) {
  return (
    <li className="border-b border-line px-3 py-2 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Status state={looks[state]} label={words.deliveryStates[state]} />
        <span className="mr-auto min-w-0">
          <span className="block truncate">
            {words.kinds[kind as keyof typeof words.kinds] ?? kind}
          </span>
          <span className="block text-xs text-faint">
            <code className="font-mono">
              {kind} · {sequence}
            </code>{' '}
            {endedAt !== null && <Time at={endedAt} />}
            {endedAt === null && nextTryAt !== null && (
              <>
                {words.nextTry} <Time at={nextTryAt} />
              </>
            )}
          </span>
        </span>
        <Button
          size="small"
          look="quiet"
          operation="subscriptions.redeliver"
          aria-label={`${words.redeliver}: ${kind} ${sequence}`}
          onClick={() => onSend(sequence)}
        >
          {words.redeliver}
        </Button>
      </div>
      {state !== 'delivered' && tries.length > 0 && (
        <ul className="mt-1 flex flex-col gap-0.5 text-xs text-soft">
          {tries.slice(0, 3).map((one) => (
            <li key={one.number} className="[overflow-wrap:anywhere]">
              {words.attempt(one.number)} · <Time at={one.endedAt} /> ·{' '}
              {formatDuration(one.durationMs)} ·{' '}
              {one.status === null ? (one.error ?? words.noAnswer) : words.answered(one.status)}
              {one.answer !== null && one.answer !== '' && (
                <code className="ml-1 font-mono text-faint">{one.answer}</code>
              )}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}
