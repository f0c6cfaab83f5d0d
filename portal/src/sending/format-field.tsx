import { sendingTexts as texts } from '~/texts/sending.ts'
import { Select } from '~/ui/field.tsx'

const formats = ['csv', 'json', 'ndjson', 'parquet'] as const
export type Format = (typeof formats)[number]

/** Form of a file, with what each is good for. */
export function FormatField({
  value,
  onChange,
}: {
  readonly value: Format
  readonly onChange: (format: Format) => void
}) {
  return (
    <Select
      label={texts.format}
      value={value}
      onChange={(next) => onChange(formats.find((format) => format === next) ?? 'csv')}
      choices={formats.map((format) => ({ value: format, label: texts.formats[format] }))}
    />
  )
}
