import { useState } from 'react'

import { useSetAddress } from '~/browser/address.ts'
import { columnsText, type Question } from '~/rows/question.ts'
import { common } from '~/texts/common.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox } from '~/ui/field.tsx'

/** Which columns are asked for; all of them, where nothing is chosen. */
export function ColumnsDialog({
  question,
  known,
  onClose,
}: {
  readonly question: Question
  readonly known: readonly string[]
  readonly onClose: () => void
}) {
  const set = useSetAddress()
  const names = [...new Set([...known, ...(question.select ?? [])])]
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(question.select ?? names))
  const apply = (select: readonly string[] | null) => {
    set({ columns: columnsText(select) }, { push: true })
    onClose()
  }
  const toggle = (name: string, isChosen: boolean) => {
    const next = new Set(chosen)
    if (isChosen) next.add(name)
    else next.delete(name)
    setChosen(next)
  }
  return (
    <Dialog
      open
      onClose={onClose}
      size="small"
      title={texts.columns}
      note={texts.columnsNote}
      actions={
        <>
          <Button onClick={() => apply(null)}>{texts.allColumns}</Button>
          <Button
            look="primary"
            disabled={chosen.size === 0}
            onClick={() => {
              const select = names.filter((name) => chosen.has(name))
              apply(select.length === names.length ? null : select)
            }}
          >
            {common.confirm}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-2">
        {names.map((name) => (
          <Checkbox
            key={name}
            label={name}
            checked={chosen.has(name)}
            onChange={(isChosen) => toggle(name, isChosen)}
          />
        ))}
      </div>
    </Dialog>
  )
}
