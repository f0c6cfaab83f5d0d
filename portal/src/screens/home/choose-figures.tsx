import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange } from '~/api/operation.ts'
import { common } from '~/texts/common.ts'
import { homeTexts as texts } from '~/texts/home.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox, TextField } from '~/ui/field.tsx'

type Choice = OutputOf<'home.figures'>['choices'][number]

const MOST = 8
const keyOf = ({ dataset, column }: Pick<Choice, 'dataset' | 'column'>) => `${dataset} ${column}`

/** Which numbers everybody of the tenant sees first. */
export function ChooseFigures({
  choices,
  shown,
  onClose,
}: {
  readonly choices: readonly Choice[]
  readonly shown: readonly Choice[]
  readonly onClose: () => void
}) {
  const [chosen, setChosen] = useState<readonly Choice[]>(shown)
  const [text, setText] = useState('')
  const save = useChange('home.choose', { onDone: onClose })
  const isChosen = (choice: Choice) => chosen.some((one) => keyOf(one) === keyOf(choice))
  const all = [
    ...shown,
    ...choices.filter((one) => !shown.some((own) => keyOf(own) === keyOf(one))),
  ]
  const fitting = all.filter((one) =>
    `${keyOf(one)} ${one.description ?? ''}`.toLowerCase().includes(text.toLowerCase()),
  )
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.chooseTitle}
      note={texts.chooseNote}
      actions={
        <>
          <span className="num mr-auto text-xs text-faint">{texts.chosen(chosen.length)}</span>
          <Button onClick={() => save.mutate({ figures: null })}>{texts.byThemselves}</Button>
          <Button
            look="primary"
            busy={save.isPending}
            disabled={chosen.length === 0}
            onClick={() =>
              save.mutate({
                figures: chosen.map(({ dataset, column, aggregate }) => ({
                  dataset,
                  column,
                  aggregate,
                })),
              })
            }
          >
            {common.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <TextField label={texts.searchNumbers} type="search" value={text} onChange={setText} />
        <ul className="flex max-h-96 flex-col gap-2 overflow-y-auto">
          {fitting.map((choice) => (
            <li key={keyOf(choice)}>
              <Checkbox
                label={choice.column}
                hint={[choice.dataset, choice.description]
                  .filter((part) => part !== null)
                  .join(': ')}
                checked={isChosen(choice)}
                disabled={!isChosen(choice) && chosen.length >= MOST}
                onChange={(isWanted) =>
                  setChosen(
                    isWanted
                      ? [...chosen, choice]
                      : chosen.filter((one) => keyOf(one) !== keyOf(choice)),
                  )
                }
              />
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  )
}
