import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { byDataset, type Place } from '~/screens/subjects/places.ts'
import { common } from '~/texts/common.ts'
import { subjectsTexts as texts } from '~/texts/subjects.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'

/** What cannot be taken back is said first, and confirmed by the subject's own name. */
export function EraseDialog({
  kind,
  value,
  places,
  onClose,
  onErased,
}: {
  readonly kind: string
  readonly value: string
  readonly places: readonly Place[]
  readonly onClose: () => void
  readonly onErased: (erasure: string) => void
}) {
  const [typed, setTyped] = useState('')
  const erase = useChange('subjects.erase', { onDone: ({ id }) => onErased(id) })
  // What is too long to be typed is confirmed by how it begins.
  const wanted = value.slice(0, 60).trim()
  const isSame = typed.trim() === wanted
  const rows = places.reduce((sum, place) => sum + place.rows, 0)
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.eraseTitle}
      note={texts.eraseNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            disabled={!isSame}
            busy={erase.isPending}
            onClick={() => erase.mutate({ kind, value })}
          >
            {texts.eraseDo}
          </Button>
        </>
      }
    >
      <p className="mb-2 text-sm font-medium">
        {texts.eraseRows(formatCount(rows), formatCount(byDataset(places).length))}
      </p>
      <ul className="mb-4 flex list-disc flex-col gap-1 pl-5 text-sm text-soft">
        {texts.eraseList.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <TextField
        label={texts.eraseConfirm}
        hint={<bdi className="font-mono">{wanted}</bdi>}
        value={typed}
        onChange={setTyped}
        error={typed !== '' && !wanted.startsWith(typed.trim()) ? texts.eraseWrong : undefined}
      />
    </Dialog>
  )
}
