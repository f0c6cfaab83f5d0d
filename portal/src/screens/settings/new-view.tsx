import { useMemo, useState } from 'react'

import type { Chart as ChartWish } from '#charts/chart-options.ts'
import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { chartsFor, type DrawnKind } from '~/charts/choose-chart.ts'
import type { Made } from '~/screens/settings/made-dialog.tsx'
import { ParameterFields } from '~/screens/settings/view-parameters.tsx'
import { ViewPreview } from '~/screens/settings/view-preview.tsx'
import { usePreviewRows } from '~/screens/settings/view-rows.ts'
import { common } from '~/texts/common.ts'
import { embeddingTexts } from '~/texts/embedding.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox, Select, TextArea, TextField } from '~/ui/field.tsx'
import { Problem } from '~/ui/states.tsx'

const texts = embeddingTexts.form
const DAY_MS = 86_400_000
const spans = [7, 30, 90, 365]
const SPAN = 90
const themes = ['auto', 'light', 'dark'] as const

type Endpoint = OutputOf<'endpoints.list'>['endpoints'][number]

/** A view is made of an endpoint: its values, how it is drawn, and whose pages may show it. */
export function NewViewDialog({
  onClose,
  onMade,
}: {
  readonly onClose: () => void
  readonly onMade: (made: Made) => void
}) {
  const endpoints = useOperation('endpoints.list', {})
  const [title, setTitle] = useState('')
  const [name, setName] = useState('')
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({})
  const [perViewer, setPerViewer] = useState<readonly string[]>([])
  const [kind, setKind] = useState('table')
  const [theme, setTheme] = useState<(typeof themes)[number]>('auto')
  const [origins, setOrigins] = useState('')
  const [span, setSpan] = useState(SPAN)
  const create = useChange('embeds.create', {
    quiet: true,
    onDone: ({ embed, url, secret }) => onMade({ view: embed, url, secret }),
  })

  const known = endpoints.data?.endpoints ?? []
  const endpoint = known.find((one) => one.endpoint === name)
  const parameters = useMemo(
    () => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
    [given],
  )
  const isWhole = endpoint !== undefined && lacking(endpoint, parameters).length === 0
  const preview = usePreviewRows(isWhole ? name : '', parameters)
  const charts = useMemo(
    () =>
      preview.data
        ? chartsFor(preview.data.columns, preview.data.rows)
        : new Map<DrawnKind, ChartWish>(),
    [preview.data],
  )
  const chart = charts.get(kind as DrawnKind) ?? null
  const framing = origins.split(/[\s,]+/).filter((origin) => origin !== '')
  const fixed = Object.fromEntries(
    Object.entries(parameters).filter(([parameter]) => !perViewer.includes(parameter)),
  )

  const make = () =>
    create.mutate({
      title,
      endpoint: name,
      parameters: fixed,
      viewerValues: perViewer,
      ...(chart !== null && { chart }),
      theme,
      origins: framing,
      expiresAt: new Date(Date.now() + span * DAY_MS).toISOString(),
    })

  return (
    <Dialog
      open
      size="wide"
      onClose={onClose}
      title={texts.title}
      note={texts.note}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={create.isPending}
            disabled={title.trim() === '' || endpoint === undefined || framing.length === 0}
            onClick={make}
          >
            {texts.make}
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-6 md:grid-cols-2">
        <div className="flex flex-col gap-4">
          <TextField
            label={texts.name}
            hint={texts.nameHint}
            maxLength={200}
            value={title}
            onChange={setTitle}
          />
          <Select
            label={texts.endpoint}
            value={name}
            hint={endpoints.data && known.length === 0 ? texts.noEndpoints : endpoint?.description}
            onChange={(next) => {
              setName(next)
              setGiven({})
              setPerViewer([])
              setKind('table')
            }}
            choices={[
              { value: '', label: texts.chooseEndpoint, disabled: true },
              ...known.map((one) => ({ value: one.endpoint, label: one.endpoint })),
            ]}
          />
          {endpoint !== undefined && (
            <>
              <ParameterFields
                parameters={endpoint.parameters}
                given={given}
                perViewer={perViewer}
                onGiven={setGiven}
                onPerViewer={setPerViewer}
              />
              <ViewerColumns
                columns={(preview.data?.columns ?? endpoint.columns)
                  .map((column) => column.name)
                  .filter((column) => !endpoint.parameters.some((one) => one.name === column))}
                chosen={perViewer}
                onChange={setPerViewer}
              />
            </>
          )}
          <TextArea
            label={texts.origins}
            hint={texts.originsHint}
            mono
            rows={2}
            value={origins}
            onChange={setOrigins}
          />
          <div className="grid grid-cols-2 gap-3">
            <Select
              label={texts.ends}
              value={String(span)}
              onChange={(next) => setSpan(Number(next))}
              choices={spans.map((days) => ({ value: String(days), label: texts.days(days) }))}
            />
            <Select
              label={texts.theme}
              value={theme}
              onChange={(next) => setTheme(next as typeof theme)}
              choices={themes.map((value) => ({ value, label: texts.themes[value] }))}
            />
          </div>
          {create.error && <Problem error={create.error} />}
        </div>
        <ViewPreview
          isChosen={endpoint !== undefined}
          preview={preview}
          kinds={['table', ...charts.keys()]}
          kind={chart === null ? 'table' : kind}
          onKind={setKind}
          chart={chart}
        />
      </div>
    </Dialog>
  )
}

/** Names of parameters that must be given and are not. */
function lacking({ parameters }: Endpoint, given: Readonly<Record<string, string>>): string[] {
  return parameters
    .filter((parameter) => parameter.default === null && !(parameter.name in given))
    .map(({ name }) => name)
}

function ViewerColumns({
  columns,
  chosen,
  onChange,
}: {
  readonly columns: readonly string[]
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}) {
  if (columns.length === 0) return null
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="text-xs font-medium text-soft">{texts.columns}</legend>
      <div className="flex flex-wrap gap-x-4 gap-y-1">
        {columns.map((column) => (
          <Checkbox
            key={column}
            label={column}
            checked={chosen.includes(column)}
            onChange={(checked) =>
              onChange(checked ? [...chosen, column] : chosen.filter((one) => one !== column))
            }
          />
        ))}
      </div>
      <p className="text-xs text-faint">{texts.columnsHint}</p>
    </fieldset>
  )
}
