import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { WebhookEvents } from '~/screens/keys/webhook-events.tsx'
import { WebhookSecret } from '~/screens/keys/webhook-secret.tsx'
import { WebhookStatus, type Subscription } from '~/screens/keys/webhook-status.tsx'
import { common } from '~/texts/common.ts'
import { webhooks as words } from '~/texts/webhooks.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog, Drawer } from '~/ui/dialog.tsx'
import { formatDuration } from '~/ui/format.ts'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

/** One webhook: what it is told, how that goes, and each event with its tries. */
export function WebhookDrawer({
  own,
  onEdit,
  onClose,
}: {
  readonly own: Subscription
  readonly onEdit: () => void
  readonly onClose: () => void
}) {
  const { id: subscription, title, url, state, kinds, datasets } = own
  const [isRemoving, setRemoving] = useState(false)
  const test = useChange('subscriptions.test')
  const pause = useChange('subscriptions.pause', { onDone: () => showDone(words.paused(title)) })
  const resume = useChange('subscriptions.resume', { onDone: () => showDone(words.resumed(title)) })
  const rotate = useChange('subscriptions.rotateSecret')
  if (rotate.data) {
    return <WebhookSecret secret={rotate.data.secret} onClose={() => rotate.reset()} />
  }
  const isPaused = state === 'paused'
  return (
    <Drawer
      open
      onClose={onClose}
      title={title}
      actions={
        <>
          <Button look="danger" operation="subscriptions.remove" onClick={() => setRemoving(true)}>
            {words.remove}
          </Button>
          <Button
            operation="subscriptions.rotateSecret"
            busy={rotate.isPending}
            onClick={() => rotate.mutate({ subscription })}
          >
            {words.rotate}
          </Button>
          <Button operation="subscriptions.update" onClick={onEdit}>
            {words.edit}
          </Button>
          <Button
            operation={isPaused ? 'subscriptions.resume' : 'subscriptions.pause'}
            busy={pause.isPending || resume.isPending}
            onClick={() => (isPaused ? resume : pause).mutate({ subscription })}
          >
            {isPaused ? words.resume : words.pause}
          </Button>
          <Button
            look="primary"
            operation="subscriptions.test"
            busy={test.isPending}
            onClick={() => test.mutate({ subscription })}
          >
            {words.test}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 text-sm">
        <div className="flex flex-wrap items-center gap-3">
          <WebhookStatus state={state} />
          <code className="min-w-0 font-mono text-xs break-all text-soft">{url}</code>
        </div>
        <Standing own={own} />
        {test.data && <TestResult {...test.data} />}
        <p className="text-soft">
          {words.tells}{' '}
          {kinds === null
            ? words.everything
            : kinds.map((kind) => words.kinds[kind as keyof typeof words.kinds] ?? kind).join('; ')}
          {datasets !== null && ` · ${words.about}: ${datasets.join(', ')}`}
        </p>
        <WebhookEvents subscription={subscription} />
      </div>
      {isRemoving && <Removing own={own} onClose={() => setRemoving(false)} onDone={onClose} />}
    </Drawer>
  )
}

function Standing({ own: { failures, failingSince, nextTryAt } }: { readonly own: Subscription }) {
  if (failures === 0) return null
  return (
    <p className="rounded-md bg-bad-soft px-3 py-2 text-ink">
      <span className="font-medium text-bad">{words.failures(failures)}</span>
      {failingSince !== null && (
        <>
          {' '}
          {words.since} <Time at={failingSince} />
        </>
      )}
      {nextTryAt !== null && (
        <>
          {' '}
          · {words.nextTry} <Time at={nextTryAt} />
        </>
      )}
    </p>
  )
}

function TestResult({
  arrived,
  durationMs,
  answer,
  error,
}: {
  readonly arrived: boolean
  readonly durationMs: number
  readonly answer: string | null
  readonly error: string | null
}) {
  return (
    <div
      role="status"
      className={`rounded-md px-3 py-2 [overflow-wrap:anywhere] ${arrived ? 'bg-good-soft' : 'bg-bad-soft'}`}
    >
      <p className="font-medium">
        {arrived
          ? words.testArrived(formatDuration(durationMs))
          : words.testFailed(error ?? words.noAnswer)}
      </p>
      {answer !== null && answer !== '' && (
        <code className="font-mono text-xs text-soft">{answer}</code>
      )}
    </div>
  )
}

function Removing({
  own: { id, title },
  onClose,
  onDone,
}: {
  readonly own: Subscription
  readonly onClose: () => void
  readonly onDone: () => void
}) {
  const remove = useChange('subscriptions.remove', {
    onDone: () => {
      showDone(words.removed(title))
      onDone()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={words.removeTitle(title)}
      note={words.removeNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            busy={remove.isPending}
            onClick={() => remove.mutate({ subscription: id })}
          >
            {words.remove}
          </Button>
        </>
      }
    />
  )
}
