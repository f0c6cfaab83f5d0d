import { SecretOnce } from '~/doors/secret-once.tsx'
import { doors } from '~/texts/doors.ts'
import { webhooks as words } from '~/texts/webhooks.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'

export function WebhookSecret({
  secret,
  onClose,
}: {
  readonly secret: string
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.secretTitle}
      note={words.secretNote}
      actions={
        <Button look="primary" onClick={onClose}>
          {words.kept}
        </Button>
      }
    >
      <SecretOnce label={words.secret} value={secret} note={doors.shownOnce} />
    </Dialog>
  )
}
