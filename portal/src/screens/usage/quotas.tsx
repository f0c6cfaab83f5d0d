import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange } from '~/api/operation.ts'
import { formatUsage } from '~/screens/usage/format-usage.ts'
import { common } from '~/texts/common.ts'
import { usageTexts as texts } from '~/texts/usage.ts'
import { Button } from '~/ui/button.tsx'
import { Card, Stat } from '~/ui/card.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Gauge } from '~/ui/drawings.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { showDone } from '~/ui/toast.tsx'

type Usage = OutputOf<'usage.show'>
type Quota = keyof Usage['quotas']

const quotas = ['storage', 'runs', 'exports', 'mails'] as const satisfies readonly Quota[]
const WARN_AT = 0.8

/** What is used of each limit, and for operators the way to change it. */
export function Quotas({ usage }: { readonly usage: Usage }) {
  const [changed, setChanged] = useState<Quota | null>(null)
  return (
    <Card title={texts.limits} note={texts.limitsNote}>
      <div className="grid grid-cols-2 gap-x-6 gap-y-5 md:grid-cols-3 xl:grid-cols-5">
        {quotas.map((kind) => (
          <QuotaStat key={kind} kind={kind} part={usage.quotas[kind]} onChange={setChanged} />
        ))}
        <Stat label={texts.rows} value={formatCount(usage.rows)} />
      </div>
      {changed !== null && (
        <QuotaDialog
          kind={changed}
          most={usage.quotas[changed].most}
          onClose={() => setChanged(null)}
        />
      )}
    </Card>
  )
}

function QuotaStat({
  kind,
  part: { used, most },
  onChange,
}: {
  readonly kind: Quota
  readonly part: Usage['quotas'][Quota]
  readonly onChange: (kind: Quota) => void
}) {
  const share = most === null ? 0 : most === 0 ? 1 : used / most
  const told =
    most === null ? texts.noLimit : texts.of(formatUsage(kind, used), formatUsage(kind, most))
  return (
    <Stat
      label={texts.quotas[kind]}
      value={formatUsage(kind, used)}
      note={
        <span className="flex min-h-7 flex-wrap items-center gap-x-2">
          <span className={share >= 1 ? 'font-medium text-bad' : ''}>
            {told}
            {most !== null && share >= 1 && ` · ${texts.full}`}
            {share >= WARN_AT && share < 1 && ` · ${texts.near}`}
          </span>
          <Button
            look="quiet"
            size="small"
            operation="usage.setQuota"
            aria-label={`${texts.change}: ${texts.quotas[kind]}`}
            onClick={() => onChange(kind)}
          >
            {texts.change}
          </Button>
        </span>
      }
    >
      {most !== null && <Gauge share={share} label={`${texts.quotas[kind]}: ${told}`} />}
    </Stat>
  )
}

function QuotaDialog({
  kind,
  most,
  onClose,
}: {
  readonly kind: Quota
  readonly most: number | null
  readonly onClose: () => void
}) {
  const [text, setText] = useState(most === null ? '' : String(most))
  const trimmed = text.trim()
  const isWrong = !/^\d{0,15}$/.test(trimmed)
  const set = useChange('usage.setQuota', {
    onDone: () => {
      showDone(texts.changed)
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={texts.setTitle(texts.quotas[kind])}
      note={texts.setNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={set.isPending}
            disabled={isWrong}
            onClick={() => set.mutate({ kind, ...(trimmed !== '' && { most: Number(trimmed) }) })}
          >
            {texts.set}
          </Button>
        </>
      }
    >
      <TextField
        label={kind === 'storage' ? texts.mostBytes : texts.most}
        inputMode="numeric"
        value={text}
        onChange={setText}
        error={isWrong ? texts.mostWrong : undefined}
        hint={trimmed === '' ? texts.noLimit : texts.mostHint(formatUsage(kind, Number(trimmed)))}
      />
    </Dialog>
  )
}
