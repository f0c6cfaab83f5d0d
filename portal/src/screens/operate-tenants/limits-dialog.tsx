import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { common } from '~/texts/common.ts'
import { tenantsTexts } from '~/texts/operate-tenants.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { Answer } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

const texts = tenantsTexts.limits

interface DialogOf {
  readonly slug: string
  readonly name: string
  readonly onClose: () => void
}

/** The tenant's share of the slots, and what it may take at most. */
export function LimitsDialog({ slug, name, onClose }: DialogOf) {
  const tenant = useOperation('tenants.show', { slug })
  return (
    <Dialog open onClose={onClose} title={texts.title(name)} note={texts.note}>
      <Answer of={tenant}>{(data) => <Form tenant={data} onClose={onClose} />}</Answer>
    </Dialog>
  )
}

function Form({
  tenant,
  onClose,
}: {
  readonly tenant: OutputOf<'tenants.show'>
  readonly onClose: () => void
}) {
  const [weight, setWeight] = useState(String(tenant.weight))
  const [limit, setLimit] = useState(tenant.limit === null ? '' : String(tenant.limit))
  const [rate, setRate] = useState(tenant.rate ?? '')
  const configure = useChange('tenants.configure', {
    onDone: () => {
      showDone(texts.saved, tenant.name)
      onClose()
    },
  })
  const isWhole = (text: string) => /^\d{1,6}$/.test(text)
  const isGood = isWhole(weight) && Number(weight) > 0 && (limit === '' || isWhole(limit))
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isGood) return
        configure.mutate({
          slug: tenant.slug,
          weight: Number(weight),
          limit: limit === '' ? null : Number(limit),
          rate: rate === '' ? null : rate,
        })
      }}
    >
      <TextField
        label={texts.weight}
        hint={texts.weightHint}
        inputMode="numeric"
        value={weight}
        onChange={setWeight}
        error={isWhole(weight) && Number(weight) > 0 ? undefined : texts.number}
      />
      <TextField
        label={texts.limit}
        hint={texts.limitHint}
        inputMode="numeric"
        value={limit}
        onChange={setLimit}
        error={limit === '' || isWhole(limit) ? undefined : texts.number}
      />
      <TextField label={texts.rate} hint={texts.rateHint} value={rate} onChange={setRate} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" look="primary" busy={configure.isPending} disabled={!isGood}>
          {common.save}
        </Button>
      </div>
    </form>
  )
}
