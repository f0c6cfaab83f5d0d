import { useEffect, useState } from 'react'

import { useOperation } from '~/api/operation.ts'
import type { Square } from '~/matrix/grid.ts'
import { placeOf, placeText } from '~/matrix/places.ts'
import { TileTip } from '~/matrix/tile-tip.tsx'
import { boundsOf } from '~/matrix/tiles.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { formatCount } from '~/ui/format.ts'
import { Time } from '~/ui/time.tsx'

/** What a tile is; of a single partition also why, and what is served. */
export function SquareTip({
  square,
  states,
}: {
  readonly square: Square
  readonly states: readonly string[]
}) {
  return (
    <TileTip square={square} states={states}>
      {square.run.squares === 1 && <Cause key={keyOf(square)} square={square} />}
    </TileTip>
  )
}

export function keyOf({ row, column, level }: Square): string {
  return placeText(placeOf(row, ...boundsOf(column, level)))
}

const REST_MS = 180

/** Asked for only when the pointer rests. */
function Cause({ square }: { readonly square: Square }) {
  const [rests, setRests] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setRests(true), REST_MS)
    return () => clearTimeout(timer)
  }, [])
  const { data } = useOperation(
    'matrix.squares',
    { places: [keyOf(square)], limit: 1 },
    { enabled: rests },
  )
  const [found] = data?.squares ?? []
  if (!found) return null
  return (
    <div className="mt-1.5 border-t border-line pt-1.5">
      {found.causes.slice(0, 3).map((cause) => (
        <p key={cause} className="line-clamp-2 [overflow-wrap:anywhere]">
          {cause}
        </p>
      ))}
      {found.publishedAt === null ? (
        <p className="text-faint">{texts.noVersion}</p>
      ) : (
        <p className="num text-faint">
          {texts.version} {found.version}, {formatCount(found.rows ?? 0)}{' '}
          {texts.columns.rows.toLowerCase()}, <Time at={found.publishedAt} />
        </p>
      )}
    </div>
  )
}
