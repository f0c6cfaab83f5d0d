import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation, useOperationPages } from '~/api/operation.ts'
import { subjectsTexts as texts } from '~/texts/subjects.ts'
import { Card, Stat } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Drawer } from '~/ui/dialog.tsx'
import { Progress } from '~/ui/drawings.tsx'
import { formatBytes, formatCount } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Erasure = OutputOf<'erasures.list'>['erasures'][number]
type Proven = OutputOf<'erasures.show'>

const steps = ['waiting', 'rewriting', 'recomputing', 'purging', 'done'] as const
const EVERY_MS = 1_500

/** Requests to erase, newest first; who they were about is written nowhere. */
export function Erasures({ onOpen }: { readonly onOpen: (id: string) => void }) {
  const pages = useOperationPages('erasures.list', { limit: 50 }, { cursorField: 'after' })
  const rows = pages.data?.pages.flatMap(({ erasures }) => erasures)
  return (
    <Card flush title={texts.erasures} note={texts.erasuresNote}>
      <Answer of={{ ...pages, data: rows }}>
        {(found) => (
          <DataTable
            label={texts.erasures}
            columns={columns}
            rows={found}
            rowKey={({ id }) => id}
            onOpen={({ id }) => onOpen(id)}
            onEnd={() => {
              if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage()
            }}
            empty={<Empty title={texts.noErasures} />}
          />
        )}
      </Answer>
    </Card>
  )
}

const columns: readonly Column<Erasure>[] = [
  {
    id: 'state',
    title: texts.erasures,
    width: 210,
    cell: ({ state, problem }) => (
      <Status state={problem !== null ? 'failed' : lookOf(state)} label={texts.steps[state]} />
    ),
  },
  { id: 'kind', title: texts.kind, width: 'auto', cell: ({ kind }) => kind ?? '–' },
  { id: 'asked', title: texts.asked, width: 150, cell: ({ createdAt }) => <Time at={createdAt} /> },
  { id: 'by', title: texts.by, width: 220, cell: ({ createdBy }) => <bdi>{createdBy}</bdi> },
]

const lookOf = (state: Erasure['state']) =>
  state === 'done' ? 'done' : state === 'waiting' ? 'waiting' : 'running'

/** How far an erasure is; when it is done, the proof of what it took out. */
export function ErasureDrawer({
  id,
  onClose,
}: {
  readonly id: string
  readonly onClose: () => void
}) {
  const erasure = useOperation(
    'erasures.show',
    { erasure: id },
    { everyMs: (data) => (data?.state === 'done' ? false : EVERY_MS) },
  )
  return (
    <Drawer open onClose={onClose} title={texts.proof} note={id}>
      <Answer of={erasure}>{(data) => <Proof erasure={data} />}</Answer>
    </Drawer>
  )
}

function Proof({ erasure }: { readonly erasure: Proven }) {
  const tenant = useTenant() ?? ''
  const at = steps.indexOf(erasure.state)
  const name = texts.steps[erasure.state]
  return (
    <div className="flex flex-col gap-5 text-sm">
      <div className="flex flex-col gap-1.5" aria-live="polite">
        <Progress
          share={at / (steps.length - 1)}
          label={texts.step(name, String(at + 1), String(steps.length))}
        />
        <ol className="flex flex-wrap gap-x-4 gap-y-1 text-xs">
          {steps.map((step, place) => (
            <li
              key={step}
              aria-current={place === at ? 'step' : undefined}
              className={
                place === at ? 'font-semibold text-ink' : place < at ? 'text-good' : 'text-faint'
              }
            >
              {place < at && '✓ '}
              {texts.steps[step]}
            </li>
          ))}
        </ol>
      </div>
      {erasure.problem !== null && (
        <p
          role="alert"
          className="rounded-md border border-bad bg-bad-soft p-3 [overflow-wrap:anywhere]"
        >
          {erasure.problem}
        </p>
      )}
      <div className="grid grid-cols-3 gap-4">
        <Stat label={texts.proofRead} value={formatCount(erasure.versionsRead)} />
        <Stat label={texts.proofFiles} value={formatCount(erasure.filesPurged)} />
        <Stat label={texts.proofBytes} value={formatBytes(erasure.bytesPurged)} />
      </div>
      {erasure.run !== null && (
        <p className="text-soft">
          {texts.proofRun}{' '}
          <Link
            to="/t/$tenant/runs/$run"
            params={{ tenant, run: erasure.run }}
            className="font-mono text-xs underline"
          >
            {erasure.run}
          </Link>
        </p>
      )}
      {erasure.partitions.length > 0 && <Partitions erasure={erasure} />}
      {erasure.unread.length > 0 && <Lines title={texts.unread}>{erasure.unread}</Lines>}
      <Lines title={texts.remains}>{erasure.remains}</Lines>
    </div>
  )
}

function Partitions({ erasure: { partitions } }: { readonly erasure: Proven }) {
  return (
    <table className="num w-full text-xs">
      <thead className="text-left text-faint">
        <tr>
          <th className="py-1 font-medium">{texts.dataset}</th>
          <th className="py-1 font-medium">{texts.partition}</th>
          <th className="py-1 text-right font-medium">{texts.taken}</th>
          <th className="py-1 text-right font-medium">{texts.former}</th>
        </tr>
      </thead>
      <tbody>
        {partitions.map((place) => (
          <tr key={`${place.dataset} ${place.partition}`} className="border-t border-line">
            <td className="py-1 pr-2 [overflow-wrap:anywhere]">{place.dataset}</td>
            <td className="py-1 pr-2">{place.partition}</td>
            <td className="py-1 text-right">{formatCount(place.rows + place.quarantined)}</td>
            <td className="py-1 text-right">{formatCount(place.formerVersionsPurged)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Lines({
  title,
  children,
}: {
  readonly title: ReactNode
  readonly children: readonly string[]
}) {
  return (
    <section>
      <h3 className="mb-1 text-sm font-semibold">{title}</h3>
      <ul className="flex list-disc flex-col gap-1 pl-5 text-soft">
        {children.map((line) => (
          <li key={line} className="[overflow-wrap:anywhere]">
            {line}
          </li>
        ))}
      </ul>
    </section>
  )
}
