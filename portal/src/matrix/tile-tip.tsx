import type { ReactNode } from 'react'

import type { Square } from '~/matrix/grid.ts'
import { nameOfColumn } from '~/matrix/levels.ts'
import { matrixTexts as texts } from '~/texts/matrix.ts'
import { formatCount } from '~/ui/format.ts'
import { StatusMark } from '~/ui/status.tsx'

type State = keyof typeof texts.states

/** What a tile is: where, and in which states. */
export function TileTip({
  square: { row, run, level, column },
  states,
  children,
}: {
  readonly square: Square
  readonly states: readonly string[]
  readonly children?: ReactNode
}) {
  return (
    <>
      <p className="font-medium [overflow-wrap:anywhere]">
        {row.part === null ? row.dataset : `${row.dataset} · ${row.label}`}
      </p>
      <p className="num text-faint">{nameOfColumn(column, level) || texts.allTime}</p>
      <ul className="mt-1.5 flex flex-col gap-0.5">
        {run.counts.map((count, code) => {
          const state = states[code] as State
          if (count === 0) return null
          return (
            <li key={state} className="flex items-center gap-1.5">
              <StatusMark state={state} size={10} />
              {run.squares > 1 && <span className="num">{formatCount(count)}</span>}
              {run.squares > 1 ? texts.states[state] : texts.meanings[state]}
            </li>
          )
        })}
      </ul>
      {children}
    </>
  )
}

/** The same in one sentence. */
export function tileInWords(
  { row, run, column, level }: Square,
  states: readonly string[],
): string {
  const counts = run.counts.flatMap((count, code) => {
    const state = states[code] as State
    if (count === 0) return []
    return [run.squares === 1 ? texts.states[state] : `${count} ${texts.states[state]}`]
  })
  const name = row.part === null ? row.dataset : `${row.dataset} ${row.label}`
  return `${name}, ${nameOfColumn(column, level) || texts.allTime}: ${counts.join(', ')}`
}
