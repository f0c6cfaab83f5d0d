import { useMutation } from '@tanstack/react-query'
import { Send } from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { callOperation, type InputOf } from '~/api/client.ts'
import { askRows } from '~/rows/ask.ts'
import { AskedView } from '~/rows/asked-view.tsx'
import { givenOf, isWhole } from '~/rows/parameter.ts'
import { ParameterFields } from '~/rows/parameter-fields.tsx'
import type { RowColumn } from '~/rows/rows-table.tsx'
import type { Shown } from '~/screens/endpoint/shown.ts'
import { endpointTexts } from '~/texts/endpoint.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { CopyAs } from '~/ui/copy-as.tsx'
import { Select } from '~/ui/field.tsx'
import { Empty, Problem, SkeletonRows } from '~/ui/states.tsx'

const texts = endpointTexts.try
const limits = ['10', '100', '1000'] as const
const formats = ['json', 'csv', 'ndjson'] as const
type Format = (typeof formats)[number]

/** A question is filled in and asked, with the session: its answer in every form, and what came with it. */
export function TryTab({ data: { endpoint: about, example } }: { readonly data: Shown }) {
  const { endpoint, parameters } = about
  const tenant = useTenant()
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(
      parameters
        .filter((one) => one.default === null)
        .map(({ name }) => [name, example.parameters[name] ?? '']),
    ),
  )
  const [limit, setLimit] = useState<string>('100')
  const [format, setFormat] = useState<Format>('json')
  const [isAsked, setAsked] = useState(false)
  const input: InputOf<'endpoints.rows'> = {
    endpoint,
    parameters: givenOf(parameters, values),
    limit: Number(limit),
    format,
  }
  const ask = useMutation({
    mutationFn: () => askRows(() => callOperation(tenant, 'endpoints.rows', input)),
  })
  const send = () => {
    setAsked(true)
    if (isWhole(parameters, values)) ask.mutate()
  }
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[22rem_minmax(0,1fr)]">
      <Card
        title={texts.parameters}
        actions={<CopyAs call={{ operation: 'endpoints.rows', input }} />}
      >
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            send()
          }}
        >
          <div className="[&>div]:sm:grid-cols-1">
            <ParameterFields
              parameters={parameters}
              values={values}
              onChange={setValues}
              showAll={isAsked}
            />
          </div>
          <div className="grid grid-cols-2 gap-3">
            <Select
              label={texts.limit}
              value={limit}
              onChange={setLimit}
              choices={limits.map((value) => ({ value, label: value }))}
            />
            <Select
              label={texts.format}
              value={format}
              onChange={(value) => setFormat(value as Format)}
              choices={formats.map((value) => ({ value, label: texts.formats[value] }))}
            />
          </div>
          <div className="flex flex-col gap-1.5">
            <Button
              type="submit"
              look="primary"
              busy={ask.isPending}
              icon={<Send size={14} aria-hidden />}
            >
              {texts.send}
            </Button>
            <p className="text-xs text-faint">{texts.hint}</p>
          </div>
        </form>
      </Card>
      <Card title={texts.response} flush>
        <div aria-live="polite">
          {ask.isPending ? (
            <SkeletonRows />
          ) : ask.error ? (
            <Problem error={ask.error} again={send} />
          ) : ask.data ? (
            <AskedView
              asked={ask.data}
              label={texts.of(endpoint)}
              columns={withNotes(ask.data.columns, about.columns)}
            />
          ) : (
            <Empty title={texts.notYet} icon={<Send size={24} aria-hidden />}>
              {texts.notYetHint}
            </Empty>
          )}
        </div>
      </Card>
    </div>
  )
}

/** What its author says of the columns helps to choose a picture. */
function withNotes(columns: readonly RowColumn[], notes: Shown['endpoint']['columns']) {
  return columns.map((column) => ({
    ...notes.find(({ name }) => name === column.name),
    ...column,
  }))
}
