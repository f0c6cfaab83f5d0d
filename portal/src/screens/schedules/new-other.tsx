import { useState } from 'react'

import { useChange, useOperation } from '~/api/operation.ts'
import type { NewForm } from '~/screens/schedules/new-form.ts'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { Select, TextField } from '~/ui/field.tsx'
import { Problem } from '~/ui/states.tsx'

/** Looks at a source again and again. */
export function NewSensor({ form, onBusy, onDone }: NewForm) {
  const sources = useOperation('sources.list', {})
  const names = sources.data?.sources.map(({ source }) => source) ?? []
  const [source, setSource] = useState('')
  const [every, setEvery] = useState('5m')
  const [settle, setSettle] = useState('30s')
  const create = useChange('sensors.create', { quiet: true, onDone })
  return (
    <form
      id={form}
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        onBusy(true)
        const input = { source: source || (names[0] ?? ''), every, settle }
        create.mutate(input, { onSettled: () => onBusy(false) })
      }}
    >
      <Select
        label={texts.source}
        value={source || (names[0] ?? '')}
        onChange={setSource}
        choices={names.map((value) => ({ value, label: value }))}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label={texts.everySensor}
          hint={texts.everyHint}
          value={every}
          onChange={setEvery}
          required
        />
        <TextField
          label={texts.settleField}
          hint={texts.settleHint}
          value={settle}
          onChange={setSettle}
          required
        />
      </div>
      {create.error && <Problem error={create.error} />}
    </form>
  )
}

/** Says how old a dataset may get. */
export function NewFreshness({ form, onBusy, onDone }: NewForm) {
  const datasets = useOperation('datasets.list', {})
  const names = datasets.data?.datasets.map(({ dataset }) => dataset) ?? []
  const [dataset, setDataset] = useState('')
  const [maxAge, setMaxAge] = useState('26h')
  const set = useChange('freshness.set', { quiet: true, onDone })
  return (
    <form
      id={form}
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        onBusy(true)
        const input = { dataset: dataset || (names[0] ?? ''), maxAge }
        set.mutate(input, { onSettled: () => onBusy(false) })
      }}
    >
      <Select
        label={texts.dataset}
        value={dataset || (names[0] ?? '')}
        onChange={setDataset}
        choices={names.map((value) => ({ value, label: value }))}
      />
      <TextField
        label={texts.age}
        hint={texts.ageHint}
        value={maxAge}
        onChange={setMaxAge}
        required
      />
      {set.error && <Problem error={set.error} />}
    </form>
  )
}
