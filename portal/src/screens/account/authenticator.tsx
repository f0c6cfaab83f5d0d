import { ShieldCheck, ShieldOff } from 'lucide-react'
import { useState } from 'react'

import type { Account } from '~/api/access.ts'
import { SetUpDialog } from '~/screens/account/set-up-dialog.tsx'
import { SwitchOffDialog } from '~/screens/account/switch-off-dialog.tsx'
import { account as words } from '~/texts/account.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

export function Authenticator({ account }: { readonly account: Account }) {
  const [isOpen, setOpen] = useState<'on' | 'off'>()
  const { totpSince, recoveryCodesLeft, hasPassword } = account
  const isOn = totpSince !== null
  const Icon = isOn ? ShieldCheck : ShieldOff
  return (
    <Card
      title={words.totp}
      actions={<Status state={isOn ? 'ok' : 'unknown'} label={isOn ? words.on : words.off} />}
    >
      <div className="flex items-start gap-3">
        <Icon
          size={22}
          aria-hidden
          className={isOn ? 'shrink-0 text-good' : 'shrink-0 text-faint'}
        />
        <div className="flex min-w-0 flex-col items-start gap-3 text-sm text-soft">
          <p>{!hasPassword ? words.totpElsewhere : isOn ? words.totpOn : words.totpOff}</p>
          {isOn && (
            <p className="text-xs text-faint">
              {words.since} <Time at={totpSince} /> ·{' '}
              <span className={recoveryCodesLeft < 3 ? 'font-medium text-warn' : undefined}>
                {words.recoveryLeft(recoveryCodesLeft)}
              </span>
            </p>
          )}
          {hasPassword && (
            <Button look={isOn ? 'plain' : 'primary'} onClick={() => setOpen(isOn ? 'off' : 'on')}>
              {isOn ? words.switchOff : words.setUp}
            </Button>
          )}
        </div>
      </div>
      {isOpen === 'on' && <SetUpDialog onClose={() => setOpen(undefined)} />}
      {isOpen === 'off' && <SwitchOffDialog onClose={() => setOpen(undefined)} />}
    </Card>
  )
}
