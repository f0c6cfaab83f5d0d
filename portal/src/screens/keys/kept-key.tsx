import { home } from '~/api/place.ts'
import { useOperation } from '~/api/operation.ts'
import { SecretOnce } from '~/doors/secret-once.tsx'
import { curlOf } from '~/screens/keys/key-state.ts'
import { doors } from '~/texts/doors.ts'
import { keys as words } from '~/texts/keys.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'

/** The one moment in which a key can be read, with a request that works. */
export function KeptKey({
  secret,
  seen,
  onClose,
}: {
  readonly secret: string
  /** Names that it sees; null: all. */
  readonly seen: readonly string[] | null
  readonly onClose: () => void
}) {
  const endpoints = useOperation('endpoints.list', { limit: 1000 })
  const ready = endpoints.data?.endpoints.find(
    ({ endpoint, parameters }) =>
      (seen === null || seen.includes(endpoint)) &&
      parameters.every((parameter) => parameter.default !== null),
  )
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.keyTitle}
      actions={
        <Button look="primary" onClick={onClose}>
          {words.done}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <SecretOnce label={words.secret} value={secret} note={doors.shownOnce} />
        <SecretOnce label={words.example} value={curlOf(home, secret, ready?.endpoint ?? null)} />
      </div>
    </Dialog>
  )
}
