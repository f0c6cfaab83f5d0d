import { useMutation } from '@tanstack/react-query'
import { Pencil, Play, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { callOperation, type InputOf, type OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { askRows } from '~/rows/ask.ts'
import { givenOf, isWhole } from '~/rows/parameter.ts'
import { ParameterFields } from '~/rows/parameter-fields.tsx'
import { Results } from '~/screens/queries/results.tsx'
import { common } from '~/texts/common.ts'
import { queriesTexts as texts } from '~/texts/queries.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { CopyAs } from '~/ui/copy-as.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Answer } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'

export type Saved = OutputOf<'savedQueries.show'>
const LIMIT = 1000

/** A saved query: what it answers, its parameters, and its rows with them. */
export function SavedQuery({
  name,
  onOpen,
  onGone,
}: {
  readonly name: string
  readonly onOpen: (saved: Saved) => void
  readonly onGone: () => void
}) {
  const saved = useOperation('savedQueries.show', { name })
  return (
    <Answer of={saved}>
      {(data) => <Shown key={name} saved={data} onOpen={() => onOpen(data)} onGone={onGone} />}
    </Answer>
  )
}

function Shown({
  saved,
  onOpen,
  onGone,
}: {
  readonly saved: Saved
  readonly onOpen: () => void
  readonly onGone: () => void
}) {
  const { name, description, sql, parameters, changedAt, changedBy } = saved
  const tenant = useTenant()
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [isAsked, setAsked] = useState(false)
  const [isForgetting, setForgetting] = useState(false)
  const input: InputOf<'savedQueries.run'> = {
    name,
    parameters: givenOf(parameters, values),
    limit: LIMIT,
  }
  const ask = useMutation({
    mutationFn: () => askRows(() => callOperation(tenant, 'savedQueries.run', input)),
  })
  const remove = useChange('savedQueries.remove', { onDone: onGone })
  const run = () => {
    setAsked(true)
    if (isWhole(parameters, values)) ask.mutate()
  }
  return (
    <>
      <Card
        title={<span className="font-mono">{name}</span>}
        note={
          <>
            {texts.answersSince} <Time at={changedAt} /> {texts.by} {changedBy}
          </>
        }
        actions={
          <>
            <Button
              size="small"
              operation="queries.run"
              icon={<Pencil size={14} aria-hidden />}
              onClick={onOpen}
            >
              {texts.open}
            </Button>
            <Button
              size="small"
              look="quiet"
              operation="savedQueries.remove"
              icon={<Trash2 size={14} aria-hidden />}
              onClick={() => setForgetting(true)}
            >
              {texts.forget}
            </Button>
            <CopyAs call={{ operation: 'savedQueries.run', input }} sql={sql} />
          </>
        }
      >
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            run()
          }}
        >
          {description !== '' && (
            <p className="text-sm text-soft [overflow-wrap:anywhere]">{description}</p>
          )}
          <pre
            tabIndex={0}
            aria-label={texts.editor}
            className="max-h-60 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs"
          >
            {sql}
          </pre>
          <ParameterFields
            parameters={parameters}
            values={values}
            onChange={setValues}
            showAll={isAsked}
          />
          <div>
            <Button
              type="submit"
              look="primary"
              busy={ask.isPending}
              icon={<Play size={14} aria-hidden />}
            >
              {texts.run}
            </Button>
          </div>
        </form>
      </Card>
      <Results
        isPending={ask.isPending}
        error={ask.error}
        again={run}
        asked={ask.data}
        plan={undefined}
      />
      <Dialog
        open={isForgetting}
        onClose={() => setForgetting(false)}
        size="small"
        title={texts.forgetTitle(name)}
        note={texts.forgetNote}
        actions={
          <>
            <Button onClick={() => setForgetting(false)}>{common.cancel}</Button>
            <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate({ name })}>
              {texts.forget}
            </Button>
          </>
        }
      />
    </>
  )
}
