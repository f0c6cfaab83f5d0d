import { useState } from 'react'

import { useChange, useOperation } from '~/api/operation.ts'
import { CronBuilder } from '~/screens/schedules/cron-builder.tsx'
import { cronOf, firstChoice, type CronChoice } from '~/screens/schedules/cron-choice.ts'
import type { NewForm } from '~/screens/schedules/new-form.ts'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { Select, TextArea, TextField } from '~/ui/field.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Problem } from '~/ui/states.tsx'

type Overlap = keyof typeof texts.overlaps
type CatchUp = keyof typeof texts.catchUps
type Mode = keyof typeof texts.modes
type What = keyof typeof texts.whats

/** Starts a region or a task by the clock. */
export function NewSchedule({ form, onBusy, onDone }: NewForm) {
  const datasets = useOperation('datasets.list', {})
  const [name, setName] = useState('')
  const [choice, setChoice] = useState<CronChoice>(firstChoice)
  const [zone, setZone] = useState('')
  const [what, setWhat] = useState<What>('run')
  const [asked, setAsked] = useState('')
  const [partition, setPartition] = useState('')
  const [mode, setMode] = useState<Mode>('run')
  const [task, setTask] = useState('')
  const [payload, setPayload] = useState('{}')
  const [overlap, setOverlap] = useState<Overlap>('skip')
  const [catchUp, setCatchUp] = useState<CatchUp>('last')
  const create = useChange('schedules.create', { quiet: true, onDone })
  const parsed = parseJson(payload)
  const names = asked.split(/[\s,]+/).filter(Boolean)

  return (
    <form
      id={form}
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (what === 'tasks' && parsed === undefined) return
        onBusy(true)
        const starts =
          what === 'tasks'
            ? { tasks: [{ name: task, payload: parsed }] }
            : { datasets: names, mode, ...(partition !== '' && { partition }) }
        create.mutate(
          {
            name,
            cron: cronOf(choice),
            ...(zone !== '' && { zone }),
            overlap,
            catchUp,
            ...starts,
          },
          { onSettled: () => onBusy(false) },
        )
      }}
    >
      <TextField
        label={texts.name}
        hint={texts.nameHint}
        value={name}
        onChange={setName}
        required
        pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,99}"
      />
      <CronBuilder
        choice={choice}
        onChange={setChoice}
        zone={zone}
        onZone={setZone}
        partition={what === 'run' ? partition : ''}
      />
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-1 text-xs font-medium text-soft">{texts.what}</legend>
        <div>
          <Segments
            label={texts.what}
            value={what}
            onChange={setWhat}
            segments={(Object.keys(texts.whats) as What[]).map((value) => ({
              value,
              label: texts.whats[value],
            }))}
          />
        </div>
        {what === 'run' ? (
          <div className="grid gap-3 sm:grid-cols-2">
            <TextField
              label={texts.datasets}
              hint={texts.datasetsHint}
              value={asked}
              onChange={setAsked}
              list="schedule-datasets"
            />
            <datalist id="schedule-datasets">
              {datasets.data?.datasets.map(({ dataset }) => (
                <option key={dataset} value={dataset}>
                  {dataset}
                </option>
              ))}
            </datalist>
            <TextField
              label={texts.partition}
              hint={texts.partitionHint}
              value={partition}
              onChange={setPartition}
            />
            <Select
              label={texts.mode}
              value={mode}
              onChange={(value) => setMode(value as Mode)}
              choices={choicesOf(texts.modes)}
            />
          </div>
        ) : (
          <>
            <TextField label={texts.task} value={task} onChange={setTask} required />
            <TextArea
              label={texts.payload}
              error={parsed === undefined ? texts.payloadWrong : undefined}
              value={payload}
              onChange={setPayload}
              mono
            />
          </>
        )}
      </fieldset>
      <div className="grid gap-3 sm:grid-cols-2">
        <Select
          label={texts.overlap}
          value={overlap}
          onChange={(value) => setOverlap(value as Overlap)}
          choices={choicesOf(texts.overlaps)}
        />
        <Select
          label={texts.catchUp}
          value={catchUp}
          onChange={(value) => setCatchUp(value as CatchUp)}
          choices={choicesOf(texts.catchUps)}
        />
      </div>
      {create.error && <Problem error={create.error} />}
    </form>
  )
}

const choicesOf = (words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([value, label]) => ({ value, label }))

/** Undefined: it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
