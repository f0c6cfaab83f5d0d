import { Download, Eye, Link2, PencilLine } from 'lucide-react'
import { useMemo, useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { callOperation } from '~/api/client.ts'
import { useOperationPages } from '~/api/operation.ts'
import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import { saveStream } from '~/browser/save-stream.ts'
import { ActorName } from '~/screens/audit/actor.tsx'
import { actorOf, countsOf, isLook, subjectOf } from '~/screens/audit/changes.ts'
import { Filters } from '~/screens/audit/filters.tsx'
import { Ranked } from '~/screens/audit/ranked.tsx'
import { RowDrawer, type WholeRow } from '~/screens/audit/row-drawer.tsx'
import { Verified } from '~/screens/audit/verify.tsx'
import { auditTexts as texts } from '~/texts/audit.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone, showProblem } from '~/ui/toast.tsx'

const LIMIT = 200
const RANKED = 6

/** What was done in the tenant, by whom: searched, followed to the change, proven unbroken. */
export function Screen() {
  const values = useAddressValues()
  const set = useSetAddress()
  const [turn, setTurn] = useState(0)
  const input = inputOf(values)
  const pages = useOperationPages('audit.list', input, { cursorField: 'before' })
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data])
  const open = rows.find(({ seq }) => String(seq) === values['row'])
  const isFiltered = Object.keys(input).length > 1

  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'audit.list', input } }}
      actions={
        <>
          <Button
            icon={<Link2 size={14} />}
            operation="audit.verify"
            onClick={() => setTurn(turn + 1)}
          >
            {texts.verify}
          </Button>
          <ExportButton />
        </>
      }
    >
      {turn > 0 && <Verified turn={turn} />}
      <Filters values={values} onChange={set} />
      <Answer of={{ ...pages, data: pages.data && rows }}>
        {(found) =>
          found.length === 0 && !pages.hasNextPage ? (
            <Card>
              <Empty title={isFiltered ? texts.none : texts.empty}>
                {isFiltered ? undefined : texts.emptyHint}
              </Empty>
            </Card>
          ) : (
            <>
              <Summary
                rows={found}
                onActor={(actor) => set({ actor })}
                onAction={(action) => set({ action })}
              />
              <Card flush>
                {found.length > 0 && (
                  <DataTable
                    label={texts.title}
                    columns={columns}
                    rows={found}
                    rowKey={({ seq }) => seq}
                    onOpen={({ seq }) => set({ row: String(seq) })}
                    selected={({ seq }) => seq === open?.seq}
                    onEnd={() => {
                      if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage()
                    }}
                    height="calc(100dvh - 22rem)"
                  />
                )}
                {pages.hasNextPage && found.length < LIMIT && (
                  <div className="flex items-center gap-3 p-3 text-sm text-soft">
                    {found.length === 0 && texts.searching}
                    <Button
                      size="small"
                      busy={pages.isFetchingNextPage}
                      onClick={() => void pages.fetchNextPage()}
                    >
                      {texts.further}
                    </Button>
                  </div>
                )}
              </Card>
            </>
          )
        }
      </Answer>
      {open && (
        <RowDrawer
          row={open}
          older={rows.filter(({ seq }) => seq < open.seq)}
          onClose={() => set({ row: undefined })}
        />
      )}
    </Page>
  )
}

/** What the address says, as the operation takes it. Days are whole, in UTC. */
function inputOf({ actor, action, since, until }: Readonly<Record<string, string>>) {
  const day = (text: string | undefined) => /^\d{4}-\d\d-\d\d$/.test(text ?? '')
  return {
    limit: LIMIT,
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(day(since) ? { since: `${since}T00:00:00Z` } : {}),
    ...(day(until) ? { until: `${until}T23:59:59.999Z` } : {}),
  }
}

function Summary({
  rows,
  onActor,
  onAction,
}: {
  readonly rows: readonly WholeRow[]
  readonly onActor: (name: string) => void
  readonly onAction: (name: string) => void
}) {
  const actors = useMemo(
    () =>
      countsOf(
        rows.map(({ actor }) => actorOf(actor).name || actor),
        RANKED,
      ),
    [rows],
  )
  const actions = useMemo(
    () =>
      countsOf(
        rows.map(({ action }) => action),
        RANKED,
      ),
    [rows],
  )
  const note = texts.shownRows(formatCount(rows.length))
  if (rows.length === 0) return null
  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
      <Card title={texts.byWho} note={note}>
        <Ranked counts={actors} onChoose={onActor} />
      </Card>
      <Card title={texts.byWhat} note={note}>
        <Ranked counts={actions} onChoose={onAction} />
      </Card>
    </div>
  )
}

function ExportButton() {
  const tenant = useTenant()
  const [isBusy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    try {
      await saveStream(await callOperation(tenant, 'audit.export', {}))
      showDone(texts.exported, texts.exportedHint)
    } catch (error) {
      showProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button
      icon={<Download size={14} />}
      operation="audit.export"
      busy={isBusy}
      onClick={() => void save()}
    >
      {texts.export}
    </Button>
  )
}

/** What changed something is told from what only looked. */
function Action({ action }: { readonly action: string }) {
  const looked = isLook(action)
  const Icon = looked ? Eye : PencilLine
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 align-middle">
      <Icon
        size={14}
        aria-hidden
        className={looked ? 'shrink-0 text-faint' : 'shrink-0 text-accent'}
      />
      <span className={looked ? 'truncate text-soft' : 'truncate font-medium'}>{action}</span>
      <span className="sr-only">{looked ? texts.looked : texts.changed}</span>
    </span>
  )
}

const columns: readonly Column<WholeRow>[] = [
  { id: 'when', title: texts.when, width: 130, cell: ({ at }) => <Time at={at} /> },
  {
    id: 'what',
    title: texts.what,
    width: 190,
    cell: ({ action }) => <Action action={action} />,
  },
  { id: 'who', title: texts.who, width: 230, cell: ({ actor }) => <ActorName actor={actor} /> },
  {
    id: 'on',
    title: texts.on,
    width: 'auto',
    cell: (row) => <bdi title={subjectOf(row)}>{subjectOf(row)}</bdi>,
  },
  {
    id: 'seq',
    title: texts.number,
    width: 80,
    align: 'right',
    cell: ({ seq }) => formatCount(seq),
  },
]
