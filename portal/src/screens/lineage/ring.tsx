import { statesOf, type LineageNode } from '~/screens/lineage/model.ts'
import { classes } from '~/ui/classes.ts'
import { colourOf, lookOf, StatusMark } from '~/ui/status.tsx'

const RADIUS = 15
const ROUND = 2 * Math.PI * RADIUS

/** Shares of the partitions' states as a ring; in its middle the mark of the worst. */
export function Ring({ nodes }: { readonly nodes: readonly LineageNode[] }) {
  const states = statesOf(nodes)
  const all = states.reduce((sum, [, count]) => sum + count, 0)
  const worst = states[0]?.[0]
  const before = (place: number) =>
    states.slice(0, place).reduce((sum, [, count]) => sum + count, 0) / all
  return (
    <span className="relative flex size-8 shrink-0 items-center justify-center">
      <svg viewBox="0 0 36 36" aria-hidden className="absolute inset-0 -rotate-90">
        <circle cx="18" cy="18" r={RADIUS} fill="none" stroke="var(--sunken)" strokeWidth="4" />
        {states.map(([state, count], place) => (
          <circle
            key={state}
            cx="18"
            cy="18"
            r={RADIUS}
            fill="none"
            stroke={colourOf(state)}
            strokeWidth="4"
            strokeDasharray={`${(count / all) * ROUND} ${ROUND}`}
            strokeDashoffset={-before(place) * ROUND}
            className={classes(lookOf(state).tone === 'none' && 'opacity-50')}
          />
        ))}
      </svg>
      {worst !== undefined && <StatusMark state={worst} size={12} />}
    </span>
  )
}
