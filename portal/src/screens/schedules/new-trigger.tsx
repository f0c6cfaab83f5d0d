import { useState } from 'react'

import type { NewForm } from '~/screens/schedules/new-form.ts'
import { NewFreshness, NewSensor } from '~/screens/schedules/new-other.tsx'
import { NewSchedule } from '~/screens/schedules/new-schedule.tsx'
import { useTriggersAgain } from '~/screens/schedules/use-removal.ts'
import { common } from '~/texts/common.ts'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Segments } from '~/ui/segments.tsx'
import { showDone } from '~/ui/toast.tsx'

type Kind = keyof typeof texts.kindNames
const kinds = Object.keys(texts.kindNames) as Kind[]

export function NewTrigger({ onClose }: { readonly onClose: () => void }) {
  const [kind, setKind] = useState<Kind>('schedule')
  const [isBusy, setBusy] = useState(false)
  const again = useTriggersAgain()
  const form: NewForm = {
    form: 'new-trigger',
    onBusy: setBusy,
    onDone: () => {
      onClose()
      again()
      showDone(texts.created)
    },
  }
  return (
    <Dialog
      open
      onClose={onClose}
      size="wide"
      title={texts.newTitle}
      actions={
        <>
          <Button look="quiet" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" form={form.form} look="primary" busy={isBusy}>
            {texts.createDo}
          </Button>
        </>
      }
    >
      <div className="mb-4">
        <Segments
          label={texts.kind}
          value={kind}
          onChange={setKind}
          segments={kinds.map((value) => ({ value, label: texts.kindNames[value] }))}
        />
      </div>
      {kind === 'schedule' && <NewSchedule {...form} />}
      {kind === 'sensor' && <NewSensor {...form} />}
      {kind === 'freshness' && <NewFreshness {...form} />}
    </Dialog>
  )
}
