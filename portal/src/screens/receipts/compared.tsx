import { useState } from 'react'

import { useOperation } from '~/api/operation.ts'
import { Causes } from '~/receipts/causes.tsx'
import { receiptTexts as texts } from '~/texts/receipts.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'
import type { OutputOf } from '~/api/client.ts'

type Changes = OutputOf<'receipts.compare'>
type Changed = Changes['changes'][number]

/** Another receipt to compare with, and what is different between both. */
export function Compared({
  receipt,
  other,
  onOther,
}: {
  readonly receipt: string
  readonly other: string
  readonly onOther: (other: string) => void
}) {
  const [draft, setDraft] = useState(other)
  return (
    <Card title={texts.compareTitle} note={texts.compareNote}>
      <div className="flex flex-col gap-4">
        <form
          className="flex flex-wrap items-start gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            onOther(draft.trim())
          }}
        >
          <div className="w-full max-w-96">
            <TextField
              label={texts.chooseOther}
              hint={texts.chooseHint}
              value={draft}
              onChange={setDraft}
            />
          </div>
          <div className="pt-5">
            <Button type="submit" disabled={draft.trim() === ''}>
              {texts.compare}
            </Button>
          </div>
        </form>
        {other !== '' && <Both receipt={receipt} other={other} />}
      </div>
    </Card>
  )
}

function Both({ receipt, other }: { readonly receipt: string; readonly other: string }) {
  const own = useOperation('receipts.show', { receipt })
  const their = useOperation('receipts.show', { receipt: other })
  return (
    <Answer of={own}>
      {(mine) => (
        <Answer of={their}>
          {(theirs) => {
            // Who is compared with whom follows from their commits, not from who was opened first.
            const [before, after] = theirs.commit <= mine.commit ? [theirs, mine] : [mine, theirs]
            if (mine.receipt === theirs.receipt) {
              return <Empty title={texts.same}>{texts.sameHint}</Empty>
            }
            return (
              <div className="grid min-w-0 gap-6 xl:grid-cols-2">
                <div className="flex min-w-0 flex-col gap-3">
                  <dl className="grid grid-cols-2 gap-3 rounded-md bg-sunken p-3 text-xs">
                    <Side title={texts.before} {...before} />
                    <Side title={texts.after} {...after} />
                  </dl>
                  <Causes before={before.receipt} after={after.receipt} />
                </div>
                <ChangeTable before={before.receipt} after={after.receipt} />
              </div>
            )
          }}
        </Answer>
      )}
    </Answer>
  )
}

function Side({
  title,
  receipt,
  commit,
  asOf,
}: {
  readonly title: string
  readonly receipt: string
  readonly commit: number
  readonly asOf: string
}) {
  return (
    <div className="min-w-0">
      <dt className="font-medium text-soft">{title}</dt>
      <dd className="truncate font-mono">{receipt}</dd>
      <dd className="text-faint">
        {texts.commit} {formatCount(commit)} · <Time at={asOf} />
      </dd>
    </div>
  )
}

function ChangeTable({ before, after }: { readonly before: string; readonly after: string }) {
  const compared = useOperation('receipts.compare', { receipt: before, other: after })
  return (
    <Answer of={compared}>
      {({ changes, same }) => (
        <div className="min-w-0">
          <h3 className="text-sm font-semibold">{texts.changes}</h3>
          <p className="pb-2 text-xs text-faint">{texts.unchanged(formatCount(same))}</p>
          <DataTable
            label={texts.changes}
            columns={columns}
            rows={changes}
            rowKey={({ dataset, partition }) => `${dataset} ${partition}`}
            rowHeight={32}
            height={320}
          />
        </div>
      )}
    </Answer>
  )
}

const columns: readonly Column<Changed>[] = [
  { id: 'change', title: texts.change, width: 90, cell: ({ change }) => change },
  { id: 'dataset', title: texts.dataset, width: 'auto', cell: ({ dataset }) => dataset },
  { id: 'partition', title: texts.partition, width: 100, cell: ({ partition }) => partition },
  {
    id: 'before',
    title: texts.rowsBefore,
    width: 95,
    align: 'right',
    cell: ({ rowsBefore }) => (rowsBefore === null ? '–' : formatCount(rowsBefore)),
  },
  {
    id: 'after',
    title: texts.rowsAfter,
    width: 95,
    align: 'right',
    cell: ({ rowsAfter }) => (rowsAfter === null ? '–' : formatCount(rowsAfter)),
  },
]
