import { ConditionsField } from '~/rows/conditions-field.tsx'
import { ParameterFields } from '~/rows/parameter-fields.tsx'
import { withSubject, type AskedDraft } from '~/sending/asked-draft.ts'
import { ColumnsField } from '~/sending/columns-field.tsx'
import { Part } from '~/sending/part.tsx'
import type { Known } from '~/sending/use-asked.ts'
import { rowsTexts } from '~/texts/rows.ts'
import { sendingTexts as texts } from '~/texts/sending.ts'
import { Button } from '~/ui/button.tsx'
import { Select, TextField, type Choice } from '~/ui/field.tsx'
import { Segments } from '~/ui/segments.tsx'

/**
 * What is asked: an endpoint with its parameters, or a dataset with its partitions; under which
 * conditions, which columns, in which order.
 */
export function AskedFields({
  draft,
  known,
  onChange,
}: {
  readonly draft: AskedDraft
  readonly known: Known
  readonly onChange: (draft: AskedDraft) => void
}) {
  const { endpoint, columns } = known
  const change = (some: Partial<AskedDraft>) => onChange({ ...draft, ...some })
  return (
    <Part title={texts.question}>
      <div>
        <Segments
          label={texts.kind}
          value={draft.kind}
          onChange={(kind) => onChange(withSubject(draft, { kind }))}
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
            hint={endpoint?.description}
            value={draft.endpoint}
            onChange={(name) => onChange(withSubject(draft, { endpoint: name }))}
            choices={choicesOf(draft.endpoint, known.endpoints)}
          />
          {endpoint && (
            <ParameterFields
              parameters={endpoint.parameters}
              values={draft.parameters}
              onChange={(values) =>
                change({
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
            onChange={(name) => onChange(withSubject(draft, { dataset: name }))}
            choices={choicesOf(draft.dataset, known.datasets)}
          />
          <TextField
            label={texts.partition}
            hint={texts.partitionHint}
            value={draft.partition}
            onChange={(partition) => change({ partition })}
            spellCheck={false}
          />
        </div>
      )}
      {draft.version !== null && (
        <p className="flex flex-wrap items-center gap-2 text-xs text-faint">
          {texts.kept(String(draft.version))}
          <Button size="small" look="quiet" onClick={() => change({ version: null })}>
            {texts.followVersion}
          </Button>
        </p>
      )}
      {(columns.length > 0 || draft.where.length > 0) && (
        <>
          <ConditionsField
            where={draft.where}
            columns={columns}
            onChange={(where) => change({ where })}
          />
          <div className="grid items-start gap-3 sm:grid-cols-2">
            <Select
              label={texts.sort}
              value={draft.sort}
              onChange={(sort) => change({ sort })}
              choices={sortsOf(draft.sort, columns)}
            />
            <ColumnsField
              columns={columns}
              chosen={draft.select}
              onChange={(select) => change({ select })}
            />
          </div>
        </>
      )}
    </Part>
  )
}

/** What is chosen stays chosen, also while the others are on their way. */
function choicesOf(chosen: string, names: readonly string[] = []): Choice[] {
  const all = chosen === '' || names.includes(chosen) ? names : [chosen, ...names]
  return [
    { value: '', label: rowsTexts.choose },
    ...all.map((name) => ({ value: name, label: name })),
  ]
}

function sortsOf(sort: string, columns: readonly string[]): Choice[] {
  const choices = [
    { value: '', label: texts.sortNone },
    ...columns.flatMap((column) => [
      { value: column, label: texts.sortUp(column) },
      { value: `-${column}`, label: texts.sortDown(column) },
    ]),
  ]
  // By several columns, as only a program says it.
  return choices.some(({ value }) => value === sort)
    ? choices
    : [...choices, { value: sort, label: sort }]
}
