import { useOperation } from '~/api/operation.ts'
import { ParameterFields } from '~/rows/parameter-fields.tsx'
import type { Draft } from '~/screens/reports/draft.ts'
import { rowsTexts } from '~/texts/rows.ts'
import { reportsTexts } from '~/texts/reports.ts'
import { Select, TextField, type Choice } from '~/ui/field.tsx'
import { Segments } from '~/ui/segments.tsx'

const texts = reportsTexts.form

export interface PartProps {
  readonly draft: Draft
  readonly onChange: (some: Partial<Draft>) => void
}

export function Part({
  title,
  children,
}: {
  readonly title: string
  readonly children: React.ReactNode
}) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-3">
      <legend className="mb-2 text-xs font-semibold tracking-wide text-soft">{title}</legend>
      {children}
    </fieldset>
  )
}

/** What is asked: an endpoint with its parameters, or a dataset with its partitions. */
export function QuestionFields({ draft, onChange }: PartProps) {
  const endpoints = useOperation('endpoints.list', { limit: 1000 })
  const datasets = useOperation('datasets.list', {})
  const chosen = endpoints.data?.endpoints.find(({ endpoint }) => endpoint === draft.endpoint)
  const isKept = Object.keys(draft.kept).length > 0
  const subject = (some: Partial<Draft>) => onChange({ ...some, kept: {} })
  return (
    <Part title={texts.question}>
      <div>
        <Segments
          label={texts.kind}
          value={draft.kind}
          onChange={(kind) => subject({ kind })}
          segments={(['endpoint', 'dataset'] as const).map((value) => ({
            value,
            label: texts.kinds[value],
          }))}
        />
      </div>
      {draft.kind === 'endpoint' ? (
        <>
          <Select
            label={texts.endpoint}
            hint={chosen?.description}
            value={draft.endpoint}
            onChange={(endpoint) => subject({ endpoint, parameters: {} })}
            choices={[
              { value: '', label: rowsTexts.choose },
              ...choicesOf(
                draft.endpoint,
                endpoints.data?.endpoints.map(({ endpoint }) => endpoint),
              ),
            ]}
          />
          {chosen && (
            <ParameterFields
              parameters={chosen.parameters}
              values={draft.parameters}
              onChange={(values) =>
                onChange({
                  parameters: Object.fromEntries(
                    Object.entries(values).filter(([, value]) => value !== ''),
                  ),
                })
              }
            />
          )}
        </>
      ) : (
        <div className="grid gap-3 sm:grid-cols-2">
          <Select
            label={texts.dataset}
            value={draft.dataset}
            onChange={(dataset) => subject({ dataset })}
            choices={[
              { value: '', label: rowsTexts.choose },
              ...choicesOf(
                draft.dataset,
                datasets.data?.datasets.map(({ dataset }) => dataset),
              ),
            ]}
          />
          <TextField
            label={texts.partition}
            hint={texts.partitionHint}
            value={draft.partition}
            onChange={(partition) => onChange({ partition })}
            spellCheck={false}
          />
        </div>
      )}
      {isKept && (
        <p className="text-xs text-faint">
          {texts.kept} <code className="font-mono">{JSON.stringify(draft.kept)}</code>
        </p>
      )}
    </Part>
  )
}

/** What is chosen stays chosen, also while the others are on their way. */
function choicesOf(chosen: string, names: readonly string[] = []): Choice[] {
  const all = chosen === '' || names.includes(chosen) ? names : [chosen, ...names]
  return all.map((name) => ({ value: name, label: name }))
}
