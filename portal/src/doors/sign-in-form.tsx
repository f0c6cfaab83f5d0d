import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { PasswordField } from '~/doors/password-field.tsx'
import { doors } from '~/texts/doors.ts'
import { signIn } from '~/texts/sign-in.ts'
import { TextField } from '~/ui/field.tsx'

/** E-mail address and password; the code only once the account asks for it. */
export function SignInForm({
  email: given,
  isFixed = false,
  onEmail,
  onDone,
}: {
  readonly email: string
  /** True: it is for this address and no other. */
  readonly isFixed?: boolean
  readonly onEmail?: (email: string) => void
  readonly onDone: () => void
}) {
  const [email, setEmail] = useState(given)
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [asksCode, setAsksCode] = useState(false)
  const enter = useChange('sessions.create', { onDone, quiet: true })
  const refused = enter.error?.code
  const send = () =>
    enter.mutate(
      { email, password, ...(code.trim() !== '' && { code: code.trim() }) },
      { onError: (error) => setAsksCode(asksCode || error.code.startsWith('code-')) },
    )
  return (
    <DoorForm
      submit={signIn.submit}
      busy={enter.isPending || enter.isSuccess}
      error={refused === 'code-needed' ? null : enter.error}
      onSubmit={send}
    >
      <TextField
        label={doors.email}
        name="email"
        type="email"
        autoComplete="username"
        required
        maxLength={300}
        readOnly={isFixed}
        autoFocus={!isFixed}
        value={email}
        onChange={(next) => {
          setEmail(next)
          onEmail?.(next)
        }}
      />
      <PasswordField value={password} onChange={setPassword} autoFocus={isFixed} />
      {asksCode && (
        <TextField
          label={signIn.code}
          hint={refused === 'code-needed' ? signIn.codeNeeded : signIn.codeHint}
          name="code"
          autoComplete="one-time-code"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={40}
          required
          autoFocus
          value={code}
          onChange={setCode}
        />
      )}
    </DoorForm>
  )
}
