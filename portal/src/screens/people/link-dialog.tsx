import { SecretOnce } from '~/doors/secret-once.tsx'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'

/** Where no mail is sent, whoever invites hands the link on. */
export function LinkDialog({
  link,
  onClose,
}: {
  readonly link: string
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={people.linkTitle}
      note={people.linkNote}
      actions={
        <Button look="primary" onClick={onClose}>
          {people.done}
        </Button>
      }
    >
      <SecretOnce label={people.link} value={link} />
    </Dialog>
  )
}
