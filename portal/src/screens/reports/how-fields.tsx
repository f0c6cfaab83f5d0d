import { useMay } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { mailsOf } from '~/screens/reports/draft.ts'
import { Part, type PartProps } from '~/screens/reports/question-fields.tsx'
import { reportsTexts } from '~/texts/reports.ts'
import { Button } from '~/ui/button.tsx'
import { Checkbox, Select, TextField } from '~/ui/field.tsx'

const texts = reportsTexts.form
const formats = ['csv', 'json', 'ndjson', 'parquet'] as const

/** In which form, to whom, and under which conditions. */
export function HowFields({
  draft,
  onChange,
  isMailWrong,
}: PartProps & { readonly isMailWrong: boolean }) {
  return (
    <Part title={texts.how}>
      <div className="grid gap-3 sm:grid-cols-[10rem_minmax(0,1fr)]">
        <Select
          label={texts.format}
          value={draft.format}
          onChange={(format) => onChange({ format })}
          choices={formats.map((value) => ({ value, label: texts.formats[value] }))}
        />
        <TextField
          label={texts.mail}
          hint={texts.mailHint}
          error={isMailWrong ? texts.mailWrong : undefined}
          value={draft.mail}
          onChange={(mail) => onChange({ mail })}
          inputMode="email"
          spellCheck={false}
        />
      </div>
      <Members mail={draft.mail} onAdd={(mail) => onChange({ mail })} />
      <div className="grid gap-2 sm:grid-cols-2">
        {(['onlyChanged', 'skipEmpty', 'complete', 'attach'] as const).map((name) => (
          <Checkbox
            key={name}
            label={texts[name]}
            checked={draft[name]}
            onChange={(checked) => onChange({ [name]: checked })}
          />
        ))}
      </div>
    </Part>
  )
}

/** Members who are not among the recipients yet, for those who may see them. */
function Members({
  mail,
  onAdd,
}: {
  readonly mail: string
  readonly onAdd: (mail: string) => void
}) {
  const may = useMay()
  const members = useOperation('members.list', { limit: 100 }, { enabled: may('members.list') })
  const chosen = mailsOf(mail)
  const others = (members.data?.members ?? []).filter(({ email }) => !chosen.includes(email))
  if (others.length === 0) return null
  return (
    <div className="flex flex-wrap items-center gap-1.5" role="group" aria-label={texts.mailAdd}>
      <span className="text-xs text-faint">{texts.mailAdd}</span>
      {others.slice(0, 8).map(({ email }) => (
        <Button key={email} size="small" onClick={() => onAdd([...chosen, email].join(', '))}>
          {email}
        </Button>
      ))}
    </div>
  )
}
