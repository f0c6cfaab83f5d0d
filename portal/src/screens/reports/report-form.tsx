import { useState } from 'react'

import { useAccount, useZone } from '~/api/access.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import {
  draftOf,
  draftOfDelivery,
  emptyDraft,
  inputOf,
  problemOfDraft,
  type Draft,
} from '~/screens/reports/draft.ts'
import { HowFields } from '~/screens/reports/how-fields.tsx'
import { WhenFields } from '~/screens/reports/when-fields.tsx'
import { AskedFields } from '~/sending/asked-fields.tsx'
import { useAsked } from '~/sending/use-asked.ts'
import { common } from '~/texts/common.ts'
import { reportsTexts } from '~/texts/reports.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { Answer, Problem } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

const texts = reportsTexts.form

interface FormProps {
  /** A report's name; empty: nothing is edited, `new`: one is made. */
  readonly report: string
  /** Id of a delivery whose question it takes. */
  readonly from: string
  readonly onClose: () => void
}

/** Makes a report or changes one, from nothing, from a delivery, or from itself. */
export function ReportForm({ report, from, onClose }: FormProps) {
  const isNew = report === 'new' || from !== ''
  const isOpen = report !== '' || from !== ''
  const former = useOperation('reports.show', { report }, { enabled: isOpen && !isNew })
  const delivery = useOperation('deliveries.show', { delivery: from }, { enabled: from !== '' })
  const zone = useZone()
  const mail = useAccount()?.email ?? ''
  if (!isOpen) return null
  const title = isNew ? texts.create : texts.edit(report)
  if (from !== '') {
    return (
      <Waiting title={title} onClose={onClose} of={delivery}>
        {(data) => (
          <Form
            key={from}
            title={title}
            isNew
            refusal={data.asked['sql'] === undefined ? null : texts.noSql}
            first={draftOfDelivery(emptyDraft(zone, mail), data)}
            onClose={onClose}
          />
        )}
      </Waiting>
    )
  }
  if (isNew) return <Form title={title} isNew first={emptyDraft(zone, mail)} onClose={onClose} />
  return (
    <Waiting title={title} onClose={onClose} of={former}>
      {(data) => <Form key={report} title={title} first={draftOf(data)} onClose={onClose} />}
    </Waiting>
  )
}

function Waiting<Data>({
  title,
  onClose,
  of,
  children,
}: {
  readonly title: string
  readonly onClose: () => void
  readonly of: { readonly data: Data | undefined; readonly error: unknown; refetch(): unknown }
  readonly children: (data: Data) => React.ReactNode
}) {
  if (of.data !== undefined) return children(of.data)
  return (
    <Dialog open onClose={onClose} title={title}>
      <Answer of={of}>{() => null}</Answer>
    </Dialog>
  )
}

function Form({
  title,
  first,
  isNew = false,
  refusal = null,
  onClose,
}: {
  readonly title: string
  readonly first: Draft
  readonly isNew?: boolean
  /** What of it cannot be had, for want of a word in reports. */
  readonly refusal?: string | null
  readonly onClose: () => void
}) {
  const [draft, setDraft] = useState(first)
  const change = (some: Partial<Draft>) => setDraft((former) => ({ ...former, ...some }))
  const known = useAsked(draft.asked)
  const done = (text: string) => () => {
    showDone(text)
    onClose()
  }
  const create = useChange('reports.create', { quiet: true, onDone: done(texts.made(draft.name)) })
  const update = useChange('reports.update', { quiet: true, onDone: done(texts.saved(draft.name)) })
  const saving = isNew ? create : update
  const problem = problemOfDraft(draft)
  return (
    <Dialog
      open
      onClose={onClose}
      size="wide"
      title={title}
      note={texts.note}
      actions={
        <>
          {problem !== null && draft.name !== '' && (
            <p className="mr-auto text-xs text-faint">{texts.lacks[problem]}</p>
          )}
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={saving.isPending}
            disabled={problem !== null}
            onClick={() => saving.mutate(inputOf(draft))}
          >
            {isNew ? texts.make : texts.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-6">
        {refusal !== null && (
          <p role="alert" className="rounded-md bg-warn-soft p-3 text-sm text-warn">
            {refusal}
          </p>
        )}
        {isNew && (
          <TextField
            label={texts.name}
            hint={texts.nameHint}
            error={draft.name !== '' && problem === 'name' ? texts.nameWrong : undefined}
            value={draft.name}
            onChange={(name) => change({ name })}
            maxLength={63}
          />
        )}
        <AskedFields draft={draft.asked} known={known} onChange={(asked) => change({ asked })} />
        <WhenFields draft={draft} onChange={change} />
        <HowFields draft={draft} known={known} onChange={change} />
        {saving.error && <Problem error={saving.error} />}
      </div>
    </Dialog>
  )
}
