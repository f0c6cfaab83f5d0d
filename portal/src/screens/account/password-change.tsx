import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { PasswordField } from '~/doors/password-field.tsx'
import { account as words } from '~/texts/account.ts'
import { doors } from '~/texts/doors.ts'
import { Card } from '~/ui/card.tsx'
import { showDone } from '~/ui/toast.tsx'

export function PasswordChange({ email }: { readonly email: string }) {
  const [present, setPresent] = useState('')
  const [next, setNext] = useState('')
  const change = useChange('account.password', {
    quiet: true,
    onDone: () => {
      setPresent('')
      setNext('')
      showDone(words.changed)
    },
  })
  return (
    <Card title={words.password} note={words.passwordNote}>
      <DoorForm
        submit={words.change}
        busy={change.isPending}
        error={change.error}
        onSubmit={() => change.mutate({ password: present, newPassword: next })}
      >
        {/* For the browser's memory of passwords: whose this one is. */}
        <input type="email" autoComplete="username" value={email} readOnly hidden />
        <PasswordField label={words.presentPassword} value={present} onChange={setPresent} />
        <PasswordField
          isNew
          name="newPassword"
          label={doors.newPassword}
          value={next}
          onChange={setNext}
        />
      </DoorForm>
    </Card>
  )
}
