import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { Refusal } from '~/doors/door-form.tsx'
import { overlapTexts, overlaps, type Overlap } from '~/screens/keys/key-fields.ts'
import { KeptKey } from '~/screens/keys/kept-key.tsx'
import type { Key } from '~/screens/keys/key.ts'
import { common } from '~/texts/common.ts'
import { keys as words } from '~/texts/keys.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Select } from '~/ui/field.tsx'

export function RotateKey({
  apiKey: { id, name, access },
  onClose,
}: {
  readonly apiKey: Key
  readonly onClose: () => void
}) {
  const [overlap, setOverlap] = useState<Overlap>('h24')
  const rotate = useChange('keys.rotate', { quiet: true })
  if (rotate.data) {
    return <KeptKey secret={rotate.data.key} seen={access.endpoints} onClose={onClose} />
  }
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={words.rotateTitle(name)}
      note={words.rotateNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={rotate.isPending}
            onClick={() => rotate.mutate({ key: id, overlap: overlapTexts[overlap] })}
          >
            {words.rotate}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Select
          label={words.overlap}
          value={overlap}
          onChange={(next) => setOverlap(overlaps.find((one) => one === next) ?? 'h24')}
          choices={overlaps.map((value) => ({ value, label: words.overlaps[value] }))}
        />
        {rotate.error && <Refusal error={rotate.error} />}
      </div>
    </Dialog>
  )
}
