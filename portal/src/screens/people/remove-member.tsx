import { useChange } from '~/api/operation.ts'
import { Refusal } from '~/doors/door-form.tsx'
import type { Member } from '~/screens/people/member.ts'
import { common } from '~/texts/common.ts'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { showDone } from '~/ui/toast.tsx'

export function RemoveMember({
  member: { id, name },
  onClose,
}: {
  readonly member: Member
  readonly onClose: () => void
}) {
  const remove = useChange('members.remove', {
    quiet: true,
    onDone: () => {
      showDone(people.removed(name))
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={people.removeTitle(name)}
      note={people.removeNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            busy={remove.isPending}
            onClick={() => remove.mutate({ member: id })}
          >
            {people.remove}
          </Button>
        </>
      }
    >
      {remove.error && <Refusal error={remove.error} />}
    </Dialog>
  )
}
