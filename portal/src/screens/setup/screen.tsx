import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { BrokenLink } from '~/doors/broken-link.tsx'
import { DoorForm } from '~/doors/door-form.tsx'
import { DoorPage } from '~/doors/door-page.tsx'
import { goOn } from '~/doors/go-on.ts'
import { PasswordField } from '~/doors/password-field.tsx'
import { useLinkToken } from '~/doors/use-link-token.ts'
import { homeOf } from '~/doors/where-to.ts'
import { doors } from '~/texts/doors.ts'
import { setup } from '~/texts/setup.ts'
import { TextField } from '~/ui/field.tsx'
import { wordsOf } from '~/ui/states.tsx'

/** The first person: the link makes an operator, who goes on to where there is something to be seen. */
export function Screen() {
  const token = useLinkToken()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const begin = useChange('setup.create', {
    quiet: true,
    onDone: ({ tenant }) => goOn(homeOf(tenant)),
  })
  if (token === null) return <BrokenLink />
  if (begin.error?.code === 'link-unknown') {
    const { text, remedy } = wordsOf(begin.error)
    return <BrokenLink>{`${text}. ${remedy}`}</BrokenLink>
  }
  return (
    <DoorPage title={setup.title} note={setup.note}>
      <DoorForm
        submit={setup.submit}
        busy={begin.isPending || begin.isSuccess}
        error={begin.error}
        onSubmit={() => begin.mutate({ token, name, email, password })}
      >
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
        <TextField
          label={doors.email}
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={300}
          value={email}
          onChange={setEmail}
        />
        <PasswordField isNew value={password} onChange={setPassword} />
      </DoorForm>
    </DoorPage>
  )
}
