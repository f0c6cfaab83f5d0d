import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { common } from '~/texts/common.ts'
import { tenantsTexts as texts } from '~/texts/operate-tenants.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { TextArea, TextField } from '~/ui/field.tsx'
import { showDone } from '~/ui/toast.tsx'

interface DialogOf {
  readonly slug: string
  readonly name: string
  readonly onClose: () => void
}

export function SuspendDialog({ slug, name, onClose }: DialogOf) {
  const [reason, setReason] = useState('')
  const suspend = useChange('tenants.suspend', {
    onDone: () => {
      showDone(texts.suspend.done, name)
      onClose()
    },
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.suspend.title(name)}
      note={texts.suspend.note}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            busy={suspend.isPending}
            disabled={reason.trim() === ''}
            onClick={() => suspend.mutate({ slug, reason: reason.trim() })}
          >
            {texts.suspend.go}
          </Button>
        </>
      }
    >
      <TextArea
        label={texts.suspend.reason}
        hint={texts.suspend.reasonHint}
        maxLength={500}
        value={reason}
        onChange={setReason}
      />
    </Dialog>
  )
}

export function RemoveDialog({ slug, name, onClose }: DialogOf) {
  const [confirm, setConfirm] = useState('')
  const [days, setDays] = useState('7')
  const remove = useChange('tenants.delete', {
    onDone: () => {
      showDone(texts.remove.done, name)
      onClose()
    },
  })
  const isGood = confirm === slug && /^\d{1,3}$/.test(days) && Number(days) <= 365
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.remove.title(name)}
      note={texts.remove.note}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            busy={remove.isPending}
            disabled={!isGood}
            onClick={() => remove.mutate({ slug, confirm, graceDays: Number(days) })}
          >
            {texts.remove.go}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <TextField label={texts.remove.confirm(slug)} value={confirm} onChange={setConfirm} />
        <TextField label={texts.remove.days} inputMode="numeric" value={days} onChange={setDays} />
      </div>
    </Dialog>
  )
}
