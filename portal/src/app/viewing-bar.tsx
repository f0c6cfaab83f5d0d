import { useQueryClient } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { useState } from 'react'

import { useAccess, useTenant } from '~/api/access.ts'
import { callOperation } from '~/api/client.ts'
import { untilSessionIsSeen } from '~/api/session-seen.ts'
import { viewingTexts as texts } from '~/texts/viewing.ts'
import { Button } from '~/ui/button.tsx'
import { showProblem } from '~/ui/toast.tsx'
import { Time } from '~/ui/time.tsx'

/** Above everything while an operator looks as a role of the tenant does. */
export function ViewingBar() {
  const access = useAccess()
  const tenant = useTenant()
  const queries = useQueryClient()
  const [isEnding, setEnding] = useState(false)
  if (!access?.viewing) return null
  const { role, until } = access.viewing
  const end = async () => {
    setEnding(true)
    try {
      await callOperation(tenant, 'sessions.endView', {})
      await untilSessionIsSeen()
      await queries.resetQueries()
    } catch (error) {
      showProblem(error)
    }
    setEnding(false)
  }
  return (
    <div
      role="status"
      className="sticky top-12 z-9 flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-warn bg-warn-soft px-4 py-1.5 text-sm text-warn"
    >
      <Eye size={16} aria-hidden className="shrink-0" />
      <span className="font-medium">{texts.looking(access.tenant.name, role)}</span>
      <span className="text-xs">
        {texts.noted} {texts.ends} <Time at={until} />.
      </span>
      <span className="ml-auto">
        <Button size="small" busy={isEnding} onClick={() => void end()}>
          {texts.end}
        </Button>
      </span>
    </div>
  )
}
