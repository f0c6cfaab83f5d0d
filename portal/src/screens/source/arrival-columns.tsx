import type { Arrival } from '~/screens/source/arrival.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import type { Column } from '~/ui/data-table.tsx'
import { formatBytes, formatCount } from '~/ui/format.ts'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

const count = (
  id: 'received' | 'accepted' | 'repaired' | 'quarantined',
  tone = '',
): Column<Arrival> => ({
  id,
  title: texts[id],
  width: 105,
  align: 'right',
  sortBy: (one) => one[id],
  cell: (one) => <span className={one[id] > 0 ? tone : ''}>{formatCount(one[id])}</span>,
})

export const arrivalColumns: readonly Column<Arrival>[] = [
  {
    id: 'state',
    title: texts.state,
    width: 125,
    cell: ({ state, isCurrent }) =>
      state === 'held' ? (
        <Status state="held" label={texts.states.held} />
      ) : isCurrent ? (
        <Status state="fresh" label={texts.states.published} />
      ) : (
        <Status state="undone" label={texts.states.former} />
      ),
  },
  {
    id: 'part',
    title: texts.part,
    width: 140,
    sortBy: ({ partition }) => partition,
    cell: ({ partition }) => <span title={partition}>{partition}</span>,
  },
  {
    id: 'when',
    title: texts.when,
    width: 130,
    sortBy: ({ at }) => at,
    cell: ({ at }) => <Time at={at} />,
  },
  count('received'),
  count('accepted'),
  count('repaired', 'text-busy'),
  count('quarantined', 'font-medium text-warn'),
  {
    id: 'size',
    title: texts.size,
    width: 90,
    align: 'right',
    sortBy: ({ sizeBytes }) => sizeBytes,
    cell: ({ sizeBytes }) => formatBytes(sizeBytes),
  },
  {
    id: 'location',
    title: texts.location,
    width: 'auto',
    cell: ({ location }) => (
      <span title={location} className="text-soft">
        {location}
      </span>
    ),
  },
]
