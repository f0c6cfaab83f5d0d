import { useNavigate } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { BrokenLink } from '~/doors/broken-link.tsx'
import { DoorForm } from '~/doors/door-form.tsx'
import { DoorPage } from '~/doors/door-page.tsx'
import { PasswordField } from '~/doors/password-field.tsx'
import { useLinkToken } from '~/doors/use-link-token.ts'
import { doors } from '~/texts/doors.ts'
import { reset } from '~/texts/reset.ts'
import { wordsOf } from '~/ui/states.tsx'

/** By a link of a mail or of an operator: another password, and no session that there was. */
export function Screen() {
  const token = useLinkToken()
  const [password, setPassword] = useState('')
  const navigate = useNavigate()
  const queries = useQueryClient()
  const choose = useChange('passwords.reset', {
    quiet: true,
    onDone: () => {
      queries.clear()
      void navigate({ to: '/sign-in', search: { said: 'reset' }, replace: true } as never)
    },
  })
  if (token === null) return <BrokenLink />
  if (choose.error?.code === 'link-unknown') {
    const { text, remedy } = wordsOf(choose.error)
    return <BrokenLink>{`${text}. ${remedy}`}</BrokenLink>
  }
  return (
    <DoorPage title={reset.title} note={reset.note}>
      <DoorForm
        submit={reset.submit}
        busy={choose.isPending}
        error={choose.error}
        onSubmit={() => choose.mutate({ token, password })}
      >
        <PasswordField
          isNew
          autoFocus
          label={doors.newPassword}
          value={password}
          onChange={setPassword}
        />
      </DoorForm>
    </DoorPage>
  )
}
