import type { Draft } from '~/screens/reports/draft.ts'
import { ChartField } from '~/sending/chart-field.tsx'
import { FormatField, type Format } from '~/sending/format-field.tsx'
import { mailsOf } from '~/sending/mail-addresses.ts'
import { MailFields } from '~/sending/mail-fields.tsx'
import { Part } from '~/sending/part.tsx'
import { formatOfTarget } from '~/sending/target-draft.ts'
import { TargetFields } from '~/sending/target-fields.tsx'
import type { Known } from '~/sending/use-asked.ts'
import { reportsTexts } from '~/texts/reports.ts'
import { sendingTexts } from '~/texts/sending.ts'
import { Checkbox } from '~/ui/field.tsx'

const texts = reportsTexts.form

/** Where to and in which form, to whom and with which picture, and under which conditions. */
export function HowFields({
  draft,
  known,
  onChange,
}: {
  readonly draft: Draft
  readonly known: Known
  readonly onChange: (some: Partial<Draft>) => void
}) {
  const { asked, place, mail, chart } = draft
  const isMailed = mailsOf(mail).length > 0
  return (
    <>
      <Part title={texts.unless}>
        <div className="grid gap-2 sm:grid-cols-2">
          {(['onlyChanged', 'skipEmpty', 'complete'] as const).map((name) => (
            <Checkbox
              key={name}
              label={texts[name]}
              checked={draft[name]}
              onChange={(checked) => onChange({ [name]: checked })}
            />
          ))}
        </div>
      </Part>
      <Part title={sendingTexts.where}>
        <TargetFields
          draft={place}
          columns={asked.select.length > 0 ? asked.select : known.columns}
          onChange={(next) => onChange({ place: next })}
        />
        {formatOfTarget(place) === null && (
          <FormatField value={draft.format as Format} onChange={(format) => onChange({ format })} />
        )}
      </Part>
      <Part title={sendingTexts.mail}>
        <MailFields
          mail={mail}
          hint={place.target === '' ? texts.mailHint : texts.mailHintTarget}
          onChange={(next) => onChange({ mail: next })}
        />
        {isMailed && (
          <>
            {place.target === '' && (
              <Checkbox
                label={sendingTexts.attach}
                checked={draft.attach}
                onChange={(attach) => onChange({ attach })}
              />
            )}
            <ChartField
              chart={chart}
              asked={known.input}
              onChange={(next) => onChange({ chart: next })}
            />
          </>
        )}
      </Part>
    </>
  )
}
