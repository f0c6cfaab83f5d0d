import { useChange } from '~/api/operation.ts'
import { Refusal } from '~/doors/door-form.tsx'
import type { Key, KeyUse } from '~/screens/keys/key.ts'
import { common } from '~/texts/common.ts'
import { keys as words } from '~/texts/keys.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { formatCount } from '~/ui/format.ts'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

/** Says what ends before it ends. */
export function RevokeKey({
  apiKey: { id, name, lastUsedAt },
  use,
  onClose,
}: {
  readonly apiKey: Key
  readonly use: KeyUse | undefined
  readonly onClose: () => void
}) {
  const revoke = useChange('keys.revoke', {
    quiet: true,
    onDone: () => {
      showDone(words.revoked(name))
      onClose()
    },
  })
  const requests = use?.hours.reduce((sum, hour) => sum + hour.requests, 0) ?? 0
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={words.revokeTitle(name)}
      note={words.revokeNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate({ key: id })}>
            {words.revoke}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2 text-sm text-soft">
        <p className={requests > 0 ? 'rounded-md bg-warn-soft px-3 py-2 text-ink' : undefined}>
          {requests > 0 ? words.revokeUse(formatCount(requests)) : words.revokeUnused}
        </p>
        {lastUsedAt !== null && (
          <p className="text-xs text-faint">
            {words.revokeSeen} <Time at={lastUsedAt} />
          </p>
        )}
        {revoke.error && <Refusal error={revoke.error} />}
      </div>
    </Dialog>
  )
}
