import { useQueryClient } from '@tanstack/react-query'

import { accountQuery, useAccount } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { BrokenLink } from '~/doors/broken-link.tsx'
import { Refusal } from '~/doors/door-form.tsx'
import { DoorPage } from '~/doors/door-page.tsx'
import { goOn } from '~/doors/go-on.ts'
import { Providers } from '~/doors/providers.tsx'
import { SignInForm } from '~/doors/sign-in-form.tsx'
import { useLinkToken } from '~/doors/use-link-token.ts'
import { homeOf } from '~/doors/where-to.ts'
import { NewAccount } from '~/screens/join/new-account.tsx'
import { join } from '~/texts/join.ts'
import { Button } from '~/ui/button.tsx'
import { Skeleton, wordsOf } from '~/ui/states.tsx'

/** What the link of an invitation opens: join with a new account, with one's own, or by a provider. */
export function Screen() {
  const token = useLinkToken()
  const look = useOperation('invitations.look', { token: token ?? '' }, { enabled: token !== null })
  if (token === null) return <BrokenLink />
  if (look.error) {
    const { text, remedy } = wordsOf(look.error)
    return <BrokenLink>{`${text}. ${remedy}`}</BrokenLink>
  }
  if (!look.data) {
    return (
      <DoorPage title={join.looking}>
        <Skeleton className="h-24 w-full" />
      </DoorPage>
    )
  }
  const { tenantName, email, role, needsSignOn, hasAccount, providers } = look.data
  return (
    <DoorPage
      title={join.title(tenantName)}
      note={
        <>
          {join.note(email, role)} {needsSignOn && join.needsSignOn}
        </>
      }
    >
      {needsSignOn ? (
        <Providers providers={providers} />
      ) : hasAccount ? (
        <OwnAccount token={token} invitation={look.data} />
      ) : (
        <NewAccount token={token} email={email} />
      )}
    </DoorPage>
  )
}

/** Whoever has an account joins with it, once signed in by the address of the invitation. */
function OwnAccount({
  token,
  invitation: { email },
}: {
  readonly token: string
  readonly invitation: OutputOf<'invitations.look'>
}) {
  const queries = useQueryClient()
  const account = useAccount()
  const accept = useChange('invitations.join', {
    quiet: true,
    onDone: ({ tenant }) => goOn(homeOf(tenant)),
  })
  if (account?.email === email) {
    return (
      <>
        {accept.error !== null && <Refusal error={accept.error} />}
        <Button
          look="primary"
          busy={accept.isPending || accept.isSuccess}
          onClick={() => accept.mutate({ token })}
        >
          {join.submit}
        </Button>
      </>
    )
  }
  return (
    <>
      <p className="text-sm text-soft">{account ? join.another(account.email) : join.hasAccount}</p>
      <SignInForm
        email={email}
        isFixed
        onDone={() => void queries.invalidateQueries(accountQuery())}
      />
    </>
  )
}
