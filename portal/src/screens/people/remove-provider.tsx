import { useChange } from '~/api/operation.ts'
import { Refusal } from '~/doors/door-form.tsx'
import type { Provider } from '~/screens/people/provider.ts'
import { common } from '~/texts/common.ts'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { showDone } from '~/ui/toast.tsx'

export function RemoveProvider({
  provider: { id, name },
  onClose,
}: {
  readonly provider: Provider
  readonly onClose: () => void
}) {
  const remove = useChange('identityProviders.remove', {
    quiet: true,
    onDone: () => {
      showDone(people.provider.removed(name))
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={people.provider.removeTitle(name)}
      note={people.provider.removeNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            busy={remove.isPending}
            onClick={() => remove.mutate({ provider: id })}
          >
            {people.provider.remove}
          </Button>
        </>
      }
    >
      {remove.error && <Refusal error={remove.error} />}
    </Dialog>
  )
}
