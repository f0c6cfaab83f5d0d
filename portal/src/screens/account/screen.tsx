import { useQuery } from '@tanstack/react-query'

import { accountQuery } from '~/api/access.ts'
import { Authenticator } from '~/screens/account/authenticator.tsx'
import { Memberships } from '~/screens/account/memberships.tsx'
import { PasswordChange } from '~/screens/account/password-change.tsx'
import { Sessions } from '~/screens/account/sessions.tsx'
import { account as words } from '~/texts/account.ts'
import { Page } from '~/ui/page.tsx'
import { Answer } from '~/ui/states.tsx'

/** One's own: where one belongs, where one is signed in, how one comes in. */
export function Screen() {
  return (
    <Answer of={useQuery(accountQuery())}>
      {(account) =>
        account && (
          <Page
            title={account.name}
            note={`${account.email}${account.isOperator ? ` · ${words.operator}` : ''}`}
            copy={{ call: { operation: 'account.show', input: {} } }}
          >
            <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
              <div className="flex min-w-0 flex-col gap-4">
                <Memberships account={account} />
                <Sessions />
              </div>
              <div className="flex min-w-0 flex-col gap-4">
                <Authenticator account={account} />
                {account.hasPassword && <PasswordChange email={account.email} />}
              </div>
            </div>
          </Page>
        )
      }
    </Answer>
  )
}
