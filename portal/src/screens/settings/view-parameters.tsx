import type { OutputOf } from '~/api/client.ts'
import { embeddingTexts } from '~/texts/embedding.ts'
import { Checkbox, Select, TextField } from '~/ui/field.tsx'

const texts = embeddingTexts.form

type Parameter = OutputOf<'endpoints.list'>['endpoints'][number]['parameters'][number]
type Given = Readonly<Record<string, string>>

/** A value for each parameter, fixed for the view or left to each viewer's link. */
export function ParameterFields({
  parameters,
  given,
  perViewer,
  onGiven,
  onPerViewer,
}: {
  readonly parameters: readonly Parameter[]
  readonly given: Given
  readonly perViewer: readonly string[]
  readonly onGiven: (given: Given) => void
  readonly onPerViewer: (names: readonly string[]) => void
}) {
  if (parameters.length === 0) return null
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="mb-1 text-xs font-medium text-soft">{texts.parameters}</legend>
      {parameters.map((parameter) => {
        const { name } = parameter
        return (
          <div key={name} className="flex flex-col gap-1.5 border-l-2 border-line pl-3">
            <ValueField
              parameter={parameter}
              value={given[name] ?? ''}
              onChange={(value) => onGiven({ ...given, [name]: value })}
            />
            <Checkbox
              label={texts.perViewer}
              checked={perViewer.includes(name)}
              onChange={(checked) =>
                onPerViewer(
                  checked ? [...perViewer, name] : perViewer.filter((one) => one !== name),
                )
              }
            />
          </div>
        )
      })}
    </fieldset>
  )
}

function ValueField({
  parameter,
  value,
  onChange,
}: {
  readonly parameter: Parameter
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const { name, description, choices } = parameter
  const initial = parameter.default
  const hint = [description, initial === null ? texts.needed : texts.byDefault(initial)]
    .filter((part) => part !== '')
    .join(' · ')
  if (choices === null) {
    return <TextField label={name} hint={hint} value={value} onChange={onChange} />
  }
  return (
    <Select
      label={name}
      hint={hint}
      value={value}
      onChange={onChange}
      choices={[
        { value: '', label: initial === null ? texts.needed : texts.byDefault(initial) },
        ...choices.map((choice) => ({ value: choice, label: choice })),
      ]}
    />
  )
}
