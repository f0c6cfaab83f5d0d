import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { DoorPage } from '~/doors/door-page.tsx'
import { doors } from '~/texts/doors.ts'
import { signIn } from '~/texts/sign-in.ts'
import { TextField } from '~/ui/field.tsx'

/** Has a link sent; the answer is the same whether there is such an account or not. */
export function Forgotten({
  email: given,
  onBack,
}: {
  readonly email: string
  readonly onBack: (said: string | null) => void
}) {
  const [email, setEmail] = useState(given)
  const forgot = useChange('passwords.forgot', {
    quiet: true,
    onDone: ({ mail }) => onBack(mail ? signIn.forgotSent(email) : signIn.forgotNoMail),
  })
  return (
    <DoorPage
      title={signIn.forgotTitle}
      note={signIn.forgotNote}
      foot={
        <button
          type="button"
          onClick={() => onBack(null)}
          className="underline underline-offset-2 hover:text-ink"
        >
          {signIn.back}
        </button>
      }
    >
      <DoorForm
        submit={signIn.forgotSubmit}
        busy={forgot.isPending}
        error={forgot.error}
        onSubmit={() => forgot.mutate({ email })}
      >
        <TextField
          label={doors.email}
          name="email"
          type="email"
          autoComplete="username"
          required
          maxLength={300}
          autoFocus
          value={email}
          onChange={setEmail}
        />
      </DoorForm>
    </DoorPage>
  )
}
