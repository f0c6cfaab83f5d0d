import { isNumber, kindOf, problemOf, type Parameter } from '~/rows/parameter.ts'
import { rowsTexts as texts } from '~/texts/rows.ts'
import { Select, TextField } from '~/ui/field.tsx'

/** A field for each parameter, by its type; what cannot be is said at once. */
export function ParameterFields({
  parameters,
  values,
  onChange,
  showAll = false,
}: {
  readonly parameters: readonly Parameter[]
  readonly values: Readonly<Record<string, string>>
  readonly onChange: (values: Readonly<Record<string, string>>) => void
  /** True: what is missing is said, too. */
  readonly showAll?: boolean
}) {
  if (parameters.length === 0) return <p className="text-sm text-faint">{texts.noParameters}</p>
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          value={values[parameter.name] ?? ''}
          showMissing={showAll}
          onChange={(value) => onChange({ ...values, [parameter.name]: value })}
        />
      ))}
    </div>
  )
}

function ParameterField({
  parameter,
  value,
  onChange,
  showMissing,
}: {
  readonly parameter: Parameter
  readonly value: string
  readonly onChange: (value: string) => void
  readonly showMissing: boolean
}) {
  const { name, type, choices } = parameter
  const found = problemOf(parameter, value)
  const problem = found === 'needed' && !showMissing ? null : found
  const shared = {
    label: (
      <>
        <span className="font-mono">{name}</span>{' '}
        <span className="font-normal text-faint">{type}</span>
      </>
    ),
    hint: hintOf(parameter),
    error: problem === null ? undefined : texts.problems[problem],
    value,
    onChange,
  }
  const list = choices ?? (kindOf(type) === 'boolean' ? [texts.yes, texts.no] : null)
  if (list !== null) {
    const first = parameter.default === null ? texts.choose : texts.anyChoice(parameter.default)
    return (
      <Select
        {...shared}
        choices={[
          { value: '', label: first },
          ...list.map((choice) => ({ value: choice, label: choice })),
        ]}
      />
    )
  }
  return (
    <TextField
      {...shared}
      placeholder={parameter.default ?? ''}
      inputMode={isNumber(type) ? 'decimal' : 'text'}
      spellCheck={false}
      required={parameter.default === null}
    />
  )
}

function hintOf({ description, min, max, default: initial }: Parameter): string | undefined {
  const bounds =
    min !== null && max !== null
      ? texts.between(min, max)
      : min !== null
        ? texts.atLeast(min)
        : max !== null
          ? texts.atMost(max)
          : ''
  const parts = [description, bounds, initial === null ? '' : texts.byDefault(initial)]
  return parts.filter((part) => part !== '').join(' · ') || undefined
}
