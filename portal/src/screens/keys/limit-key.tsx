import { useState } from 'react'

import { useChange, useOperation } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { rateProblem } from '~/screens/keys/key-fields.ts'
import type { Key } from '~/screens/keys/key.ts'
import { keys as words } from '~/texts/keys.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { showDone } from '~/ui/toast.tsx'

export function LimitKey({
  apiKey: { id, name, rate },
  onClose,
}: {
  readonly apiKey: Key
  readonly onClose: () => void
}) {
  const [perMinute, setPerMinute] = useState(rate === null ? '' : String(rate.perMinute))
  const [burst, setBurst] = useState(rate === null ? '' : String(rate.burst))
  const rates = useOperation('rates.show', {})
  const standard = rates.data?.defaults.key.perMinute
  const limit = useChange('keys.limit', {
    quiet: true,
    onDone: () => {
      showDone(words.rateSaved)
      onClose()
    },
  })
  const wrong = [perMinute, burst].map((text) =>
    rateProblem(text) ? words.rateInvalid : undefined,
  )
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={words.limitTitle(name)}
      note={words.limitNote}
    >
      <DoorForm
        submit={words.saveRate}
        busy={limit.isPending}
        error={limit.error}
        onSubmit={() => {
          if (wrong.some((text) => text !== undefined)) return
          limit.mutate({
            key: id,
            ...(perMinute.trim() !== '' && { perMinute: Number(perMinute) }),
            ...(burst.trim() !== '' && { burst: Number(burst) }),
          })
        }}
      >
        <TextField
          label={words.perMinute}
          hint={standard === undefined ? undefined : words.perMinuteHint(formatCount(standard))}
          error={wrong[0]}
          inputMode="numeric"
          autoFocus
          value={perMinute}
          onChange={setPerMinute}
        />
        <TextField
          label={words.burst}
          hint={words.burstHint}
          error={wrong[1]}
          inputMode="numeric"
          value={burst}
          onChange={setBurst}
        />
      </DoorForm>
    </Dialog>
  )
}
