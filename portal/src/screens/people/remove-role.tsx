import { useChange } from '~/api/operation.ts'
import { Refusal } from '~/doors/door-form.tsx'
import { common } from '~/texts/common.ts'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { showDone } from '~/ui/toast.tsx'

export function RemoveRole({
  role,
  onClose,
}: {
  readonly role: string
  readonly onClose: () => void
}) {
  const remove = useChange('roles.remove', {
    quiet: true,
    onDone: () => {
      showDone(people.roleRemoved(role))
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={people.removeTitle(role)}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate({ role })}>
            {people.removeRole}
          </Button>
        </>
      }
    >
      {remove.error && <Refusal error={remove.error} />}
    </Dialog>
  )
}
