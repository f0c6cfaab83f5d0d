import { useMay } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { areMails, mailsOf } from '~/sending/mail-addresses.ts'
import { sendingTexts as texts } from '~/texts/sending.ts'
import { Button } from '~/ui/button.tsx'
import { TextField } from '~/ui/field.tsx'

/** Who is written to, with the members at hand. */
export function MailFields({
  mail,
  hint,
  onChange,
}: {
  readonly mail: string
  readonly hint: string
  readonly onChange: (mail: string) => void
}) {
  return (
    <>
      <TextField
        label={texts.recipients}
        hint={hint}
        error={areMails(mail) ? undefined : texts.recipientsWrong}
        value={mail}
        onChange={onChange}
        inputMode="email"
        spellCheck={false}
      />
      <Members mail={mail} onAdd={onChange} />
    </>
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
    <div className="flex flex-wrap items-center gap-1.5" role="group" aria-label={texts.addMember}>
      <span className="text-xs text-faint">{texts.addMember}</span>
      {others.slice(0, 8).map(({ email }) => (
        <Button key={email} size="small" onClick={() => onAdd([...chosen, email].join(', '))}>
          {email}
        </Button>
      ))}
    </div>
  )
}
