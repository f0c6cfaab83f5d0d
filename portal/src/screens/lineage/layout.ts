import { Graph, layout } from '@dagrejs/dagre'

import type { Picture } from '~/screens/lineage/model.ts'

export const boxWidth = 184
export const boxHeight = 52
const between = 30

export interface Place {
  readonly x: number
  readonly y: number
  /** Column from the left: where arrow keys find neighbours above and below. */
  readonly column: number
}

/** Upper left corners of the boxes, from left to right along the lines. */
export function placesOf({ boxes, lines }: Picture): ReadonlyMap<string, Place> {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: between, marginx: 16, marginy: 16 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id } of boxes) graph.setNode(id, { width: boxWidth, height: boxHeight })
  for (const { from, to } of lines) graph.setEdge(from, to)
  layout(graph)
  return new Map(
    boxes.map(({ id }) => {
      const { x, y } = graph.node(id) as { x: number; y: number }
      const column = Math.round(x / (boxWidth + between))
      return [id, { x: x - boxWidth / 2, y: y - boxHeight / 2, column }]
    }),
  )
}

/** Where an arrow key leads from a box: along a line, or to the box above or below in its column. */
export function neighbourOf(
  { lines }: Picture,
  places: ReadonlyMap<string, Place>,
  id: string,
  key: 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown',
): string | null {
  const here = places.get(id)
  if (here === undefined) return null
  const distance = (other: string) => Math.abs((places.get(other)?.y ?? 0) - here.y)
  const nearest = (others: readonly string[]) =>
    others.toSorted((a, b) => distance(a) - distance(b))[0] ?? null
  if (key === 'ArrowLeft') return nearest(lines.filter(({ to }) => to === id).map((l) => l.from))
  if (key === 'ArrowRight') return nearest(lines.filter(({ from }) => from === id).map((l) => l.to))
  const sign = key === 'ArrowUp' ? -1 : 1
  return nearest(
    [...places]
      .filter(([, place]) => place.column === here.column && sign * (place.y - here.y) > 0)
      .map(([other]) => other),
  )
}
