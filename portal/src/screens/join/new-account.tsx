import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { goOn } from '~/doors/go-on.ts'
import { PasswordField } from '~/doors/password-field.tsx'
import { homeOf } from '~/doors/where-to.ts'
import { doors } from '~/texts/doors.ts'
import { join } from '~/texts/join.ts'
import { TextField } from '~/ui/field.tsx'

/** A name and a password are all that is missing. */
export function NewAccount({ token, email }: { readonly token: string; readonly email: string }) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const accept = useChange('invitations.accept', {
    quiet: true,
    onDone: ({ tenant }) => goOn(homeOf(tenant)),
  })
  return (
    <DoorForm
      submit={join.submit}
      busy={accept.isPending || accept.isSuccess}
      error={accept.error}
      onSubmit={() => accept.mutate({ token, name, password })}
    >
      {/* For the browser's memory of passwords: whose this one is. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <TextField
        label={doors.name}
        name="name"
        autoComplete="name"
        required
        maxLength={200}
        autoFocus
        value={name}
        onChange={setName}
      />
      <PasswordField isNew value={password} onChange={setPassword} />
    </DoorForm>
  )
}
