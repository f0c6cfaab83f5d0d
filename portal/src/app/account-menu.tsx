import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { BookOpen, CircleUser, KeyRound, LogOut, Moon, Sun } from 'lucide-react'

import { useAccount } from '~/api/access.ts'
import { callOperation } from '~/api/client.ts'
import { forgetKey, home, keyOfTab } from '~/api/place.ts'
import { changeTheme, useTheme } from '~/browser/theme.ts'
import { navigation } from '~/texts/navigation.ts'
import { IconButton } from '~/ui/button.tsx'
import { Menu } from '~/ui/menu.tsx'
import { showProblem } from '~/ui/toast.tsx'

export function AccountMenu() {
  const account = useAccount()
  const theme = useTheme()
  const navigate = useNavigate()
  const queries = useQueryClient()

  const leave = async () => {
    try {
      if (keyOfTab() !== null) forgetKey()
      else if (account) {
        await callOperation(null, 'sessions.end', { session: account.sessionId })
      }
    } catch (error) {
      return showProblem(error)
    }
    // Nothing of the one who leaves stays for the one who comes.
    queries.clear()
    await navigate({ to: '/sign-in' })
  }

  return (
    <div className="flex items-center">
      <IconButton label={navigation.theme} onClick={changeTheme}>
        {theme === 'dark' ? <Sun size={16} /> : <Moon size={16} />}
      </IconButton>
      <Menu
        trigger={
          <IconButton label={account?.email ?? navigation.account}>
            {account === null ? <KeyRound size={17} /> : <CircleUser size={18} />}
          </IconButton>
        }
        items={[
          ...(account
            ? [
                {
                  label: navigation.account,
                  icon: <CircleUser size={14} />,
                  onSelect: () => void navigate({ to: '/account' }),
                },
              ]
            : []),
          {
            label: navigation.docs,
            icon: <BookOpen size={14} />,
            onSelect: () => location.assign(`${home}docs`),
          },
          {
            label: account === null ? navigation.forgetKey : navigation.signOut,
            icon: <LogOut size={14} />,
            onSelect: () => void leave(),
          },
        ]}
      />
    </div>
  )
}
