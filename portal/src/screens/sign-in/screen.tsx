import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { useAccount } from '~/api/access.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { useAddressValues } from '~/browser/address.ts'
import { DoorPage } from '~/doors/door-page.tsx'
import { goOn } from '~/doors/go-on.ts'
import { Or, Providers } from '~/doors/providers.tsx'
import { SignInForm } from '~/doors/sign-in-form.tsx'
import { Forgotten } from '~/screens/sign-in/forgotten.tsx'
import { signIn } from '~/texts/sign-in.ts'
import { Button } from '~/ui/button.tsx'

export function Screen() {
  const { next, said, email: asked = '' } = useAddressValues()
  const account = useAccount()
  const [email, setEmail] = useState(asked)
  const [notice, setNotice] = useState<string | null>(said === 'reset' ? signIn.wasReset : null)
  const [isForgotten, setForgotten] = useState(false)
  const { data: signOn } = useOperation('signOn.list', {})

  if (isForgotten) {
    return (
      <Forgotten
        email={email}
        onBack={(said) => {
          setNotice(said)
          setForgotten(false)
        }}
      />
    )
  }
  if (account) return <Already email={account.email} next={next} />
  const providers = signOn?.providers ?? []
  return (
    <DoorPage
      title={signIn.title}
      foot={
        <button
          type="button"
          onClick={() => setForgotten(true)}
          className="underline underline-offset-2 hover:text-ink"
        >
          {signIn.forgot}
        </button>
      }
    >
      {notice !== null && (
        <p role="status" className="rounded-md bg-good-soft px-3 py-2 text-sm text-ink">
          {notice}
        </p>
      )}
      <SignInForm email={email} onEmail={setEmail} onDone={() => goOn(next)} />
      {providers.length > 0 && <Or />}
      <Providers providers={providers} returnTo={next?.startsWith('/') ? next : undefined} />
    </DoorPage>
  )
}

function Already({ email, next }: { readonly email: string; readonly next: string | undefined }) {
  const queries = useQueryClient()
  const end = useChange('sessions.end', { onDone: () => queries.clear() })
  return (
    <DoorPage title={signIn.title} note={signIn.already(email)}>
      <Button look="primary" onClick={() => goOn(next)}>
        {signIn.goOn}
      </Button>
      <Button busy={end.isPending} onClick={() => end.mutate({ session: 'current' })}>
        {signIn.another}
      </Button>
    </DoorPage>
  )
}
