import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { callOperation } from '~/api/client.ts'
import { untilSessionIsSeen } from '~/api/session-seen.ts'
import { common } from '~/texts/common.ts'
import { tenantsTexts } from '~/texts/operate-tenants.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Select } from '~/ui/field.tsx'
import { showProblem } from '~/ui/toast.tsx'

const texts = tenantsTexts.view

const roles = ['viewer', 'analyst', 'admin', 'owner'] as const
const minutesOffered = [10, 30, 60]

/** Begins to look at a tenant as one of its roles does, and goes there. */
export function ViewDialog({
  slug,
  name,
  onClose,
}: {
  readonly slug: string
  readonly name: string
  readonly onClose: () => void
}) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [role, setRole] = useState<string>('viewer')
  const [minutes, setMinutes] = useState('30')
  const [isBusy, setBusy] = useState(false)
  const look = async () => {
    setBusy(true)
    try {
      await callOperation(slug, 'tenants.viewAs', { slug, role, minutes: Number(minutes) })
      await untilSessionIsSeen()
      // What the operator has seen of it is not what the role sees.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[1] === slug })
      onClose()
      await navigate({ to: '/t/$tenant/home', params: { tenant: slug } })
    } catch (error) {
      showProblem(error)
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={texts.title(name)}
      note={texts.note}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="primary" busy={isBusy} onClick={() => void look()}>
            {texts.go}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Select
          label={texts.role}
          value={role}
          onChange={setRole}
          choices={roles.map((value) => ({ value, label: texts.roles[value] }))}
        />
        <Select
          label={texts.minutes}
          value={minutes}
          onChange={setMinutes}
          choices={minutesOffered.map((value) => ({
            value: String(value),
            label: texts.minutesOf(value),
          }))}
        />
      </div>
    </Dialog>
  )
}
