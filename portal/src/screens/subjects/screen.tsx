import { UserSearch } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'

import { useMay } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation, useOperationPages } from '~/api/operation.ts'
import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import { ErasureDrawer, Erasures } from '~/screens/subjects/erasures.tsx'
import { spanOf, stripOf } from '~/screens/subjects/places.ts'
import { lookOf, SubjectDrawer } from '~/screens/subjects/subject-drawer.tsx'
import { subjectsTexts as texts } from '~/texts/subjects.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Kind = OutputOf<'subjects.kinds'>['kinds'][number]
type Subject = OutputOf<'subjects.list'>['subjects'][number]

const LIMIT = 200
const WAIT_MS = 300

/** Whom the data is about: found, looked up, exported, withheld, erased. */
export function Screen() {
  const values = useAddressValues()
  const set = useSetAddress()
  const may = useMay()
  const kinds = useOperation('subjects.kinds', {})
  const erasure = values['erasure']
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'subjects.kinds', input: {} } }}
    >
      <Answer of={kinds}>
        {({ kinds: known }) => {
          const kind = known.find((one) => one.kind === values['kind']) ?? known[0]
          return kind === undefined ? (
            <Card>
              <Empty title={texts.noKinds} icon={<UserSearch size={28} />}>
                {texts.noKindsHint}
              </Empty>
            </Card>
          ) : (
            <>
              <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
                <Segments
                  label={texts.kind}
                  value={kind.kind}
                  onChange={(next) => set({ kind: next, prefix: undefined })}
                  segments={known.map((one) => ({ value: one.kind, label: one.kind }))}
                />
                <p className="text-xs text-faint">
                  {texts.columns}{' '}
                  {kind.columns.map(({ dataset, column }) => `${dataset}.${column}`).join(', ')}
                </p>
              </div>
              <Found key={kind.kind} kind={kind} />
            </>
          )
        }}
      </Answer>
      {may('erasures.list') && <Erasures onOpen={(id) => set({ erasure: id })} />}
      {erasure !== undefined && (
        <ErasureDrawer id={erasure} onClose={() => set({ erasure: undefined })} />
      )}
    </Page>
  )
}

function Found({ kind: { kind } }: { readonly kind: Kind }) {
  const values = useAddressValues()
  const set = useSetAddress()
  // Who is looked at is a person: never part of an address that is kept or sent on.
  const [open, setOpen] = useState<string | null>(null)
  const [typed, setTyped] = useState('')
  const prefix = useLater(typed)
  const collection = values['collection'] === 'off' ? 'off' : 'any'
  const input = { kind, prefix, collection, limit: LIMIT } as const
  const pages = useOperationPages('subjects.list', input, { cursorField: 'after' })
  const rows = useMemo(() => pages.data?.pages.flatMap(({ subjects }) => subjects), [pages.data])
  return (
    <Card
      flush
      title={kind}
      actions={
        <>
          <TextField
            label={texts.search}
            quiet
            type="search"
            placeholder={texts.search}
            title={texts.searchHint}
            value={typed}
            onChange={setTyped}
          />
          <Segments
            label={texts.collection}
            value={collection}
            onChange={(next) => set({ collection: next === 'any' ? undefined : next })}
            segments={[
              { value: 'any', label: texts.any },
              { value: 'off', label: texts.onlyOff },
            ]}
          />
        </>
      }
    >
      <Answer of={{ ...pages, data: rows }}>
        {(found) => (
          <DataTable
            label={texts.title}
            columns={columnsFor(spanOf(found))}
            rows={found}
            rowKey={({ value }) => value}
            onOpen={({ value }) => setOpen(value)}
            selected={({ value }) => value === open}
            onEnd={() => {
              if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage()
            }}
            empty={
              <Empty title={collection === 'off' ? texts.noneOff : texts.none}>
                {collection === 'off' ? undefined : texts.noneHint}
              </Empty>
            }
          />
        )}
      </Answer>
      {open !== null && (
        <SubjectDrawer
          kind={kind}
          value={open}
          onClose={() => setOpen(null)}
          onErased={(id) => {
            setOpen(null)
            set({ erasure: id })
          }}
        />
      )}
    </Card>
  )
}

/** What was typed, when nobody has typed for a moment. */
function useLater(text: string): string {
  const [later, setLater] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setLater(text), WAIT_MS)
    return () => clearTimeout(timer)
  }, [text])
  return later
}

/** When somebody was seen, within the time in which anybody was. */
function Strip({
  subject,
  span,
}: {
  readonly subject: Subject
  readonly span: readonly [number, number] | null
}) {
  const strip = stripOf(subject, span)
  return (
    <span aria-hidden className="relative block h-2 w-full rounded-full bg-sunken">
      {strip !== null && (
        <span
          className="absolute h-full min-w-1.5 rounded-full bg-accent"
          style={{
            left: `min(${strip.from * 100}%, calc(100% - 0.375rem))`,
            width: `${strip.width * 100}%`,
          }}
        />
      )}
    </span>
  )
}

const columnsFor = (span: readonly [number, number] | null): readonly Column<Subject>[] => [
  {
    id: 'value',
    title: texts.value,
    width: 'auto',
    cell: ({ value }) => <bdi title={value.slice(0, 500)}>{value.slice(0, 300)}</bdi>,
  },
  {
    id: 'collection',
    title: texts.collection,
    width: 120,
    cell: ({ collection }) => (
      <Status state={lookOf[collection]} label={texts.states[collection]} />
    ),
  },
  {
    id: 'rows',
    title: texts.rows,
    width: 90,
    align: 'right',
    cell: ({ rows }) => formatCount(rows),
  },
  {
    id: 'first',
    title: texts.firstSeen,
    width: 160,
    cell: ({ firstSeen }) => (firstSeen === null ? '–' : <Time at={firstSeen} exact />),
  },
  {
    id: 'span',
    title: <span className="sr-only">{texts.span}</span>,
    width: 170,
    cell: (subject) => <Strip subject={subject} span={span} />,
  },
  {
    id: 'last',
    title: texts.lastSeen,
    width: 160,
    cell: ({ lastSeen }) => (lastSeen === null ? '–' : <Time at={lastSeen} exact />),
  },
]
