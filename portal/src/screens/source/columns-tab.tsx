import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { ColumnCard } from '~/screens/source/column-card.tsx'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Card } from '~/ui/card.tsx'
import { Select } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { AsOf } from '~/ui/page.tsx'
import { Answer, Empty, Skeleton } from '~/ui/states.tsx'

/** What each column of a part holds: gaps, spread, most frequent values. */
export function ColumnsTab({ source }: { readonly source: string }) {
  const [part, setPart] = useAddressState('part', '')
  const status = useOperation('datasets.status', { dataset: source })
  const profile = useOperation(
    'profiles.show',
    { dataset: source, ...(part !== '' && { partition: part }) },
    { keepFormer: true },
  )
  const isEmpty = status.data?.partitions.every(({ rows }) => !rows) ?? false
  const parts = (status.data?.partitions ?? []).filter(({ rows }) => rows).toReversed()
  return (
    <Card
      title={texts.profile}
      note={profile.data && noteOf(profile.data)}
      actions={
        <>
          <AsOf receipt={profile.data?.receipt} />
          <div className="w-44">
            <Select
              quiet
              label={texts.whichPart}
              value={part}
              onChange={setPart}
              choices={[
                { value: '', label: texts.newestPart },
                ...parts.slice(0, 500).map(({ partition }) => ({
                  value: partition,
                  label: partition,
                })),
              ]}
            />
          </div>
        </>
      }
    >
      {isEmpty && part === '' ? (
        <Empty title={texts.none}>{texts.noneHint}</Empty>
      ) : (
        <Answer of={profile} waiting={<Waiting />}>
          {({ rows, columns }) => (
            <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
              {columns.map((column) => (
                <ColumnCard key={column.name} column={column} rows={rows} />
              ))}
            </ul>
          )}
        </Answer>
      )}
    </Card>
  )
}

function noteOf(profile: {
  readonly partition: string
  readonly rows: number
  readonly sampledOf: number | null
}): string {
  const { partition, rows, sampledOf } = profile
  return sampledOf === null
    ? texts.profileNote(partition, formatCount(rows))
    : texts.profileSampled(partition, formatCount(rows), formatCount(sampledOf))
}

function Waiting() {
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-4">
      {Array.from({ length: 8 }, (_, at) => (
        <Skeleton key={at} className="h-36 w-full" />
      ))}
    </div>
  )
}
