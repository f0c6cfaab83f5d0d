import { Download } from 'lucide-react'
import { useMemo, useState } from 'react'

import { useMay } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation, useOperationPages } from '~/api/operation.ts'
import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import { recordFields } from '~/intake/record-fields.ts'
import { reasonWords } from '~/intake/reason-words.ts'
import { downloadHeld } from '~/screens/quarantine/download.ts'
import { FixDrawer } from '~/screens/quarantine/fix-drawer.tsx'
import { FixMany } from '~/screens/quarantine/fix-many.tsx'
import { heldColumns, type HeldRow } from '~/screens/quarantine/held-columns.tsx'
import { RuleDialog } from '~/screens/quarantine/rule-dialog.tsx'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable } from '~/ui/data-table.tsx'
import { Select } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Empty, Problem, SkeletonRows } from '~/ui/states.tsx'
import { showProblem } from '~/ui/toast.tsx'
import { useTenant } from '~/api/access.ts'

type Listed = OutputOf<'quarantine.list'>

const LIMIT = 200

/** Row by row, with the cell that is at fault; what is chosen is mended together. */
export function HeldRows({
  source,
  partitions,
  reasons,
}: {
  readonly source: string
  readonly partitions: Listed['partitions']
  readonly reasons: Listed['reasons']
}) {
  const tenant = useTenant()
  const may = useMay()
  const { reason, partition, row: opened } = useAddressValues()
  const set = useSetAddress()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [dialog, setDialog] = useState<'many' | 'rule' | null>(null)
  const shown = useOperation('sources.show', { dataset: source })
  const filter = {
    dataset: source,
    ...(reason !== undefined && { reason }),
    ...(partition !== undefined && { partition }),
  }
  const pages = useOperationPages(
    'quarantine.list',
    { ...filter, limit: LIMIT },
    { cursorField: 'after' },
  )
  const format = shown.data?.format ?? 'csv'
  const isAppended = shown.data?.isAppended ?? false
  const rows = useMemo<HeldRow[]>(() => {
    const headers = new Map(partitions.map((one) => [one.partition, one.header]))
    return (pages.data?.pages ?? []).flatMap((page) =>
      page.rows.map((row) => ({
        ...row,
        key: `${row.partition} ${row.file} ${row.record} ${row.byteOffset}`,
        // Rows that were sent have a form of their own each.
        fields: recordFields(
          row,
          isAppended ? (row.header === null ? 'ndjson' : 'csv') : format,
          row.header ?? headers.get(row.partition) ?? null,
        ),
      })),
    )
  }, [pages.data, partitions, format, isAppended])
  const mayFix = may('quarantine.fix')
  const toggle = (key: string) =>
    setChosen((former) => {
      const next = new Set(former)
      if (!next.delete(key)) next.add(key)
      return next
    })
  const columns = heldColumns(rows, mayFix ? { chosen, toggle } : null)
  const many = rows.filter(({ key }) => chosen.has(key))
  const open = rows.find(({ key }) => key === opened)
  const all = countOf(partitions, reasons, { reason, partition })

  return (
    <Card
      flush
      title={texts.rows}
      note={
        rows.length > 0 && all !== null
          ? texts.rowsNote(formatCount(rows.length), formatCount(all))
          : undefined
      }
      actions={
        <>
          {chosen.size > 0 ? (
            <>
              <span className="text-xs text-soft">{texts.chosen(chosen.size)}</span>
              <Button size="small" look="quiet" onClick={() => setChosen(new Set())}>
                {texts.unchoose}
              </Button>
              <Button
                size="small"
                look="primary"
                operation="quarantine.fix"
                onClick={() => setDialog('many')}
              >
                {texts.fixChosen}
              </Button>
            </>
          ) : (
            reason !== undefined &&
            partition !== undefined && (
              <Button size="small" operation="quarantine.fix" onClick={() => setDialog('many')}>
                {texts.fixAll}
              </Button>
            )
          )}
          <Button size="small" operation="repairs.create" onClick={() => setDialog('rule')}>
            {texts.rule}
          </Button>
          <Button
            size="small"
            icon={<Download size={14} aria-hidden />}
            operation="quarantine.download"
            onClick={() => void downloadHeld(tenant, filter).catch(showProblem)}
          >
            {texts.download}
          </Button>
        </>
      }
    >
      <div className="flex flex-wrap gap-3 px-4 pb-3" role="group" aria-label={texts.filters}>
        <div className="w-56 max-w-full">
          <Select
            label={texts.reasonFilter}
            value={reason ?? ''}
            onChange={(value) => set({ reason: value || undefined })}
            choices={[
              { value: '', label: texts.anyReason },
              ...reasons.map((one) => ({ value: one.reason, label: reasonWords(one.reason) })),
            ]}
          />
        </div>
        <div className="w-56 max-w-full">
          <Select
            label={texts.partitionFilter}
            value={partition ?? ''}
            onChange={(value) => set({ partition: value || undefined })}
            choices={[
              { value: '', label: texts.anyPartition },
              ...partitions
                .filter(({ quarantined }) => quarantined > 0)
                .map((one) => ({
                  value: one.partition,
                  label: `${one.partition} (${formatCount(one.quarantined)})`,
                })),
            ]}
          />
        </div>
      </div>
      {pages.error ? (
        <Problem error={pages.error} again={() => void pages.refetch()} />
      ) : pages.isPending ? (
        <SkeletonRows />
      ) : (
        <DataTable
          label={texts.rows}
          columns={columns}
          rows={rows}
          rowKey={({ key }) => key}
          selected={({ key }) => chosen.has(key)}
          onOpen={({ key }) => set({ row: key })}
          onEnd={() => {
            if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage()
          }}
          empty={<Empty title={texts.noRows}>{texts.noRowsHint}</Empty>}
        />
      )}
      {open && (
        <FixDrawer
          key={open.key}
          source={source}
          row={open}
          columns={shown.data?.columns ?? []}
          onClose={() => set({ row: undefined })}
        />
      )}
      {dialog === 'many' && (
        <FixMany
          source={source}
          rows={many}
          all={
            chosen.size === 0 && reason !== undefined && partition !== undefined
              ? { reason, partition, rows: all ?? 0 }
              : null
          }
          columns={shown.data?.columns ?? []}
          onClose={() => setDialog(null)}
          onDone={() => setChosen(new Set())}
        />
      )}
      {dialog === 'rule' && (
        <RuleDialog
          source={source}
          columns={shown.data?.columns ?? []}
          column={open?.column ?? many[0]?.column ?? rows[0]?.column ?? null}
          onClose={() => setDialog(null)}
        />
      )}
    </Card>
  )
}

/** Null: only a list of them all would tell. */
function countOf(
  partitions: Listed['partitions'],
  reasons: Listed['reasons'],
  { reason, partition }: { reason: string | undefined; partition: string | undefined },
): number | null {
  if (reason !== undefined && partition !== undefined) return null
  if (reason !== undefined) return reasons.find((one) => one.reason === reason)?.rows ?? 0
  const of = partitions.filter((one) => partition === undefined || one.partition === partition)
  return of.reduce((sum, one) => sum + one.quarantined, 0)
}
