import { useState } from 'react'

import { useAccount } from '~/api/access.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { everything, fieldsOf } from '~/doors/access-draft.ts'
import { AccessEditor } from '~/doors/access-editor.tsx'
import { DoorForm } from '~/doors/door-form.tsx'
import { PermissionChecklist } from '~/doors/permission-checklist.tsx'
import { endingOf, endings, rateProblem, type Ending } from '~/screens/keys/key-fields.ts'
import { KeptKey } from '~/screens/keys/kept-key.tsx'
import { keys as words } from '~/texts/keys.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { Select, TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { useNow } from '~/ui/time.tsx'

const offered = ['read', 'export', 'write', 'run', 'admin'] as const
const forOperators = [...offered, 'operator'] as const
type Offered = (typeof forOperators)[number]

export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const now = useNow()
  const isOperator = useAccount()?.isOperator === true
  const rates = useOperation('rates.show', {})
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<ReadonlySet<Offered>>(new Set<Offered>(['read']))
  const [draft, setDraft] = useState(everything)
  const [ending, setEnding] = useState<Ending>('d365')
  const [perMinute, setPerMinute] = useState('')
  const create = useChange('keys.create', { quiet: true })
  if (create.data) {
    const { key, access } = create.data
    return <KeptKey secret={key} seen={access.endpoints} onClose={onClose} />
  }
  const isRateWrong = rateProblem(perMinute)
  const standard = rates.data?.defaults.key.perMinute
  return (
    <Dialog open onClose={onClose} title={words.createTitle} note={words.createNote}>
      <DoorForm
        submit={words.make}
        busy={create.isPending}
        error={create.error}
        onSubmit={() => {
          if (isRateWrong) return
          const expiresAt = endingOf(ending, now)
          create.mutate({
            name: name.trim(),
            permissions: [...chosen],
            ...fieldsOf(draft),
            ...(expiresAt !== null && { expiresAt }),
            ...(perMinute.trim() !== '' && { perMinute: Number(perMinute) }),
          })
        }}
      >
        <TextField
          label={words.keyName}
          hint={words.keyNameHint}
          name="key-name"
          required
          maxLength={100}
          autoFocus
          value={name}
          onChange={setName}
        />
        <PermissionChecklist
          label={words.permissions}
          offered={isOperator ? forOperators : offered}
          chosen={chosen}
          onChange={setChosen}
        />
        <AccessEditor draft={draft} onChange={setDraft} />
        <div className="grid gap-4 sm:grid-cols-2">
          <Select
            label={words.ends}
            value={ending}
            onChange={(next) => setEnding(endings.find((one) => one === next) ?? 'never')}
            choices={endings.map((value) => ({ value, label: words.endings[value] }))}
          />
          <TextField
            label={words.perMinute}
            hint={standard === undefined ? undefined : words.perMinuteHint(formatCount(standard))}
            error={isRateWrong ? words.rateInvalid : undefined}
            inputMode="numeric"
            value={perMinute}
            onChange={setPerMinute}
          />
        </div>
      </DoorForm>
    </Dialog>
  )
}
