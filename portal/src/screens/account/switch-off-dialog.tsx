import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { PasswordField } from '~/doors/password-field.tsx'
import { account as words } from '~/texts/account.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { showDone } from '~/ui/toast.tsx'

export function SwitchOffDialog({ onClose }: { readonly onClose: () => void }) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const remove = useChange('account.totpRemove', {
    quiet: true,
    onDone: () => {
      showDone(words.switchedOff)
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={words.switchOffTitle}
      note={words.switchOffNote}
    >
      <DoorForm
        submit={words.switchOff}
        busy={remove.isPending}
        error={remove.error}
        onSubmit={() => remove.mutate({ password, code: code.trim() })}
      >
        <PasswordField
          autoFocus
          label={words.totpPassword}
          value={password}
          onChange={setPassword}
        />
        <TextField
          label={words.codeOrRecovery}
          name="code"
          autoComplete="one-time-code"
          required
          maxLength={40}
          value={code}
          onChange={setCode}
        />
      </DoorForm>
    </Dialog>
  )
}
