import { PackageCheck } from 'lucide-react'
import { useState } from 'react'

import { useChange, useOperation } from '~/api/operation.ts'
import {
  deliveryInput,
  downloadCounts,
  emptyDelivery,
  fileInput,
  keeps,
  problemOfDelivery,
  type DeliveryDraft,
} from '~/screens/deliveries/delivery-draft.ts'
import { AskedFields } from '~/sending/asked-fields.tsx'
import { ChartField } from '~/sending/chart-field.tsx'
import { DeliveryProgress } from '~/sending/delivery-progress.tsx'
import { Estimated, Estimating } from '~/sending/estimate.tsx'
import { FormatField } from '~/sending/format-field.tsx'
import { mailsOf } from '~/sending/mail-addresses.ts'
import { MailFields } from '~/sending/mail-fields.tsx'
import { Part } from '~/sending/part.tsx'
import { formatOfTarget } from '~/sending/target-draft.ts'
import { TargetFields } from '~/sending/target-fields.tsx'
import { useAsked } from '~/sending/use-asked.ts'
import { common } from '~/texts/common.ts'
import { deliveriesTexts } from '~/texts/deliveries.ts'
import { sendingTexts } from '~/texts/sending.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox, Select, TextField } from '~/ui/field.tsx'
import { Answer, Problem } from '~/ui/states.tsx'

const texts = deliveriesTexts.form

/** Makes one delivery: what, where to, who is told; then shows how it goes. */
export function DeliveryForm({ onClose }: { readonly onClose: () => void }) {
  const [draft, setDraft] = useState(emptyDelivery)
  const change = (some: Partial<DeliveryDraft>) => setDraft((former) => ({ ...former, ...some }))
  const known = useAsked(draft.asked)
  const create = useChange('deliveries.create', { quiet: true })
  const problem = problemOfDelivery(draft, known.isWhole)
  if (create.data !== undefined) {
    const { id, title, format } = create.data
    return (
      <Dialog
        open
        onClose={onClose}
        title={texts.made(`${title}.${format}`)}
        actions={<Button onClick={() => create.reset()}>{texts.another}</Button>}
      >
        <DeliveryProgress delivery={id} />
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      onClose={onClose}
      size="wide"
      title={texts.title}
      note={texts.note}
      actions={
        <>
          {problem !== null && <p className="mr-auto text-xs text-faint">{texts.lacks[problem]}</p>}
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            operation="deliveries.create"
            icon={<PackageCheck size={15} aria-hidden />}
            busy={create.isPending}
            disabled={problem !== null}
            onClick={() => create.mutate(deliveryInput(draft))}
          >
            {texts.begin}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-6">
        <AskedFields draft={draft.asked} known={known} onChange={(asked) => change({ asked })} />
        <Part title={texts.estimate}>
          <Estimate draft={draft} known={known} />
        </Part>
        <Place draft={draft} known={known} onChange={change} />
        <Part title={sendingTexts.mail}>
          <MailFields
            mail={draft.mail}
            hint={texts.mailHint}
            onChange={(mail) => change({ mail })}
          />
          {mailsOf(draft.mail).length > 0 && (
            <>
              {draft.place.target === '' && (
                <Checkbox
                  label={sendingTexts.attach}
                  checked={draft.attach}
                  onChange={(attach) => change({ attach })}
                />
              )}
              <ChartField
                chart={draft.chart}
                asked={known.input}
                onChange={(chart) => change({ chart })}
              />
            </>
          )}
        </Part>
        {create.error && <Problem error={create.error} />}
      </div>
    </Dialog>
  )
}

interface PartProps {
  readonly draft: DeliveryDraft
  readonly known: ReturnType<typeof useAsked>
}

function Estimate({ draft, known: { input } }: PartProps) {
  const estimate = useOperation('rows.estimate', fileInput(draft, input ?? {}), {
    enabled: input !== null,
    keepFormer: true,
  })
  if (input === null) return <p className="text-sm text-faint">{sendingTexts.estimateWaits}</p>
  return (
    <Answer of={estimate} waiting={<Estimating />}>
      {(told) => <Estimated told={told} />}
    </Answer>
  )
}

function Place({
  draft,
  known,
  onChange,
}: PartProps & { readonly onChange: (some: Partial<DeliveryDraft>) => void }) {
  const { asked, place, name, format, keep, downloads } = draft
  const isFile = place.target === ''
  const isNamed = /^[\w.-]*$/.test(name)
  return (
    <Part title={sendingTexts.where}>
      <TargetFields
        draft={place}
        columns={asked.select.length > 0 ? asked.select : known.columns}
        onChange={(next) => onChange({ place: next })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          error={isNamed ? undefined : texts.nameWrong}
          value={name}
          onChange={(next) => onChange({ name: next })}
          maxLength={100}
          spellCheck={false}
        />
        {formatOfTarget(place) === null && (
          <FormatField value={format} onChange={(next) => onChange({ format: next })} />
        )}
        {isFile && (
          <>
            <Select
              label={texts.link}
              value={keep}
              onChange={(next) => onChange({ keep: next })}
              choices={keeps.map((value) => ({ value, label: texts.keeps[value] }))}
            />
            <Select
              label={texts.downloads}
              value={downloads}
              onChange={(next) => onChange({ downloads: next })}
              choices={[
                { value: '', label: texts.anyTimes },
                ...downloadCounts.map((count) => ({
                  value: String(count),
                  label: texts.times(count),
                })),
              ]}
            />
          </>
        )}
      </div>
    </Part>
  )
}
