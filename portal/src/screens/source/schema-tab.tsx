import { useZone } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { lanesOf, type Lane } from '~/screens/source/lanes-of.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatDay } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { Time, useNow } from '~/ui/time.tsx'

type Definition = OutputOf<'sources.show'>
type Change = OutputOf<'profiles.columns'>['changes'][number]

/** How the columns came and went, and what is declared now. */
export function SchemaTab({
  source,
  definition,
}: {
  readonly source: string
  readonly definition: Definition
}) {
  const changes = useOperation('profiles.columns', { dataset: source, limit: 200 })
  return (
    <>
      <Card title={texts.schema} note={texts.schemaNote}>
        <Answer of={changes}>
          {({ changes: all }) =>
            all.length === 0 ? (
              <Empty title={texts.none}>{texts.noneHint}</Empty>
            ) : (
              <Lanes changes={all} />
            )
          }
        </Answer>
      </Card>
      {changes.data && changes.data.changes.length > 0 && (
        <Changes changes={changes.data.changes} />
      )}
      <Card flush title={texts.declared}>
        <DataTable
          label={texts.declared}
          columns={declaredColumns}
          rows={definition.columns}
          rowKey={({ name }) => name}
        />
      </Card>
    </>
  )
}

function Lanes({ changes }: { readonly changes: readonly Change[] }) {
  const now = useNow()
  const zone = useZone()
  const lanes = lanesOf(changes, now)
  const first = Math.min(...lanes.map(({ from }) => from))
  // Of a dataset without a past the lanes fill the picture.
  const span = Math.max(now - first, 1)
  const place = (at: number) => `${((at - first) / span) * 100}%`
  const day = (at: number) => formatDay(new Date(at), zone)
  return (
    <div className="flex flex-col gap-0.5 text-xs">
      {lanes.map((lane) => (
        <div
          key={`${lane.name} ${lane.from}`}
          className="grid grid-cols-[8rem_1fr] items-center gap-3 sm:grid-cols-[12rem_1fr]"
        >
          <span
            title={lane.name}
            className={classes('truncate', !lane.isThere && 'text-faint line-through')}
          >
            {lane.name}
          </span>
          <span
            role="img"
            aria-label={wordsOf(lane, day)}
            title={wordsOf(lane, day)}
            className="relative h-5 rounded-xs bg-sunken"
          >
            <span
              className={classes(
                'absolute inset-y-0.5 flex items-center overflow-hidden rounded-xs px-1.5 font-mono text-2xs',
                lane.isThere ? 'bg-accent-soft text-ink' : 'bg-idle-soft text-soft',
              )}
              style={{
                left: place(lane.from),
                width: `max(0.5rem, ${((lane.to - lane.from) / span) * 100}%)`,
              }}
            >
              {lane.type}
            </span>
            {lane.retyped.map(({ at }) => (
              <span
                key={at}
                className="absolute inset-y-0 w-0.5 bg-warn"
                style={{ left: place(at) }}
              />
            ))}
          </span>
        </div>
      ))}
      <div className="num grid grid-cols-[8rem_1fr] gap-3 text-2xs text-faint sm:grid-cols-[12rem_1fr]">
        <span />
        <span className="flex justify-between">
          <span>{day(first)}</span>
          <span>{texts.today}</span>
        </span>
      </div>
    </div>
  )
}

function wordsOf(lane: Lane, day: (at: number) => string): string {
  const to = lane.isThere ? texts.today : day(lane.to)
  return texts.schemaLane(lane.name, lane.type, day(lane.from), to)
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <Card title={texts.changes}>
      <ol className="flex flex-col divide-y divide-line text-sm">
        {changes.map((change) => (
          <li key={change.version} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 py-2">
            <span className="w-32 shrink-0 text-xs text-faint">
              <Time at={change.at} />
            </span>
            <span className="num w-24 shrink-0 truncate text-soft" title={change.partition}>
              {change.partition}
            </span>
            {change.isFirst ? (
              <span className="text-soft">{texts.first(change.columns.length)}</span>
            ) : (
              <span className="flex min-w-0 flex-wrap gap-x-3 gap-y-1 font-mono text-xs">
                {change.added.map(({ name, type }) => (
                  <span key={`+${name}`} className="text-good">
                    {texts.added(name, type)}
                  </span>
                ))}
                {change.removed.map(({ name, type }) => (
                  <span key={`-${name}`} className="text-bad">
                    {texts.removed(name, type)}
                  </span>
                ))}
                {change.retyped.map(({ name, from, to }) => (
                  <span key={name} className="text-warn">
                    {texts.retyped(name, from, to)}
                  </span>
                ))}
              </span>
            )}
          </li>
        ))}
      </ol>
    </Card>
  )
}

const declaredColumns: readonly Column<Definition['columns'][number]>[] = [
  {
    id: 'name',
    title: texts.columnName,
    width: 180,
    cell: ({ name }) => (
      <span title={name} className="font-medium">
        {name}
      </span>
    ),
  },
  { id: 'type', title: texts.columnType, width: 130, cell: ({ type }) => <code>{type}</code> },
  {
    id: 'role',
    title: texts.columnRole,
    width: 230,
    cell: ({ role, unit, isOptional, isPersonal, isDerived }) => (
      <span className="text-soft">
        {[
          role,
          unit,
          isOptional ? null : texts.required,
          isPersonal ? texts.personal : null,
          isDerived ? texts.derived : null,
        ]
          .filter((word) => word !== null)
          .join(' · ')}
      </span>
    ),
  },
  {
    id: 'text',
    title: texts.columnText,
    width: 'auto',
    cell: ({ description }) => <span title={description ?? ''}>{description}</span>,
  },
]
