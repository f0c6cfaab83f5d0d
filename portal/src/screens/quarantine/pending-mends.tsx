import { Eye, Play, Undo2 } from 'lucide-react'
import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { useSetAddress } from '~/browser/address.ts'
import { reasonWords } from '~/intake/reason-words.ts'
import { EffectDialog } from '~/screens/quarantine/effect-dialog.tsx'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { Button, IconButton } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Problem } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'
import { useMay } from '~/api/access.ts'

type Fix = OutputOf<'quarantine.fixes'>['fixes'][number]

/** What was decided and is not done yet: preview it, replay it, take it back. */
export function PendingMends({ source }: { readonly source: string }) {
  const may = useMay()
  return may('quarantine.fixes') && may('repairs.list') ? <Pending source={source} /> : null
}

function Pending({ source }: { readonly source: string }) {
  const set = useSetAddress()
  const [isPreview, setPreview] = useState(false)
  const fixes = useOperation('quarantine.fixes', { dataset: source, state: 'pending', limit: 200 })
  const repairs = useOperation('repairs.list', { dataset: source })
  const withdraw = useChange('quarantine.fix')
  const end = useChange('repairs.end')
  const replay = useChange('quarantine.replay', {
    onDone: ({ run, acknowledgements }) => {
      setPreview(false)
      if (run) set({ run: run.id, row: undefined })
      else if (acknowledgements.length > 0)
        set({ replay: acknowledgements.join(' '), row: undefined })
      else showDone(texts.replayNothing)
    },
  })
  const rules = repairs.data?.repairs.filter(({ state }) => state !== 'applied') ?? []
  const count = (fixes.data?.fixes.length ?? 0) + rules.length
  if (count === 0) return fixes.error ? <Problem error={fixes.error} /> : null
  const start = () => replay.mutate({ dataset: source })
  return (
    <Card
      title={texts.pending}
      note={texts.pendingNote}
      actions={
        <>
          <Button
            icon={<Eye size={14} aria-hidden />}
            operation="quarantine.preview"
            onClick={() => setPreview(true)}
          >
            {texts.preview}
          </Button>
          <Button
            look="primary"
            icon={<Play size={14} aria-hidden />}
            operation="quarantine.replay"
            busy={replay.isPending}
            title={texts.replayHint}
            onClick={start}
          >
            {texts.replay}
          </Button>
        </>
      }
    >
      <ul className="flex flex-col divide-y divide-line">
        {rules.map(({ name, column, rule, state, createdAt }) => (
          <Line
            key={name}
            what={texts.ruleWords(column, texts.ruleKinds[rule.kind])}
            where={state === 'ending' ? texts.ruleEnding : name}
            at={createdAt}
            label={texts.endRule}
            onBack={state === 'pending' ? () => end.mutate({ repair: name }) : undefined}
          />
        ))}
        {(fixes.data?.fixes ?? []).map((fix) => (
          <Line
            key={`${fix.partition} ${fix.record}`}
            what={wordsOf(fix)}
            where={`${fix.partition} : ${formatCount(fix.line)} · ${reasonWords(fix.reason)}`}
            at={fix.createdAt}
            label={texts.withdraw}
            onBack={
              fix.action?.kind === 'withdraw'
                ? undefined
                : () =>
                    withdraw.mutate({
                      dataset: source,
                      partition: fix.partition,
                      records: [fix.record],
                      withdraw: true,
                    })
            }
          />
        ))}
      </ul>
      {isPreview && (
        <EffectDialog
          source={source}
          busy={replay.isPending}
          onReplay={start}
          onClose={() => setPreview(false)}
        />
      )}
    </Card>
  )
}

function Line({
  what,
  where,
  at,
  label,
  onBack,
}: {
  readonly what: string
  readonly where: string
  readonly at: string
  readonly label: string
  readonly onBack: (() => void) | undefined
}) {
  return (
    <li className="flex items-center gap-3 py-2 text-sm">
      <div className="min-w-0 grow">
        <div className="truncate font-medium" title={what} dir="auto">
          {what}
        </div>
        <div className="truncate text-xs text-faint" title={where}>
          {where}
        </div>
      </div>
      <span className="hidden text-xs text-faint sm:block">
        <Time at={at} />
      </span>
      {onBack && (
        <IconButton label={label} operation="quarantine.fix" onClick={onBack}>
          <Undo2 size={16} />
        </IconButton>
      )}
    </li>
  )
}

function wordsOf({ action }: Fix): string {
  if (action === null) return texts.fixWords.erased
  if (action.kind === 'set') {
    const values = Object.entries(action.values ?? {})
    return texts.fixWords.set(
      values.map(([name, text]) => `${name} = ${text ?? texts.asNull}`).join(', '),
    )
  }
  const words = texts.fixWords[action.kind]
  return action.kind === 'drop' ? `${words}: ${action.reason ?? ''}` : words
}
