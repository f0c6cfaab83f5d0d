import type { ChartLook } from '#charts/chart-options.ts'

import { cssColour } from '~/browser/theme.ts'

const SERIES = 7

/** Colours of the theme that is shown: asked for again when it changes. */
export function chartLook(): ChartLook {
  return {
    ink: cssColour('--ink'),
    faint: cssColour('--faint'),
    line: cssColour('--line'),
    ground: cssColour('--raised'),
    font: 'Inter Variable, system-ui, sans-serif',
    palette: Array.from({ length: SERIES }, (_, at) => cssColour(`--series-${at + 1}`)),
    heat: [cssColour('--accent-soft'), cssColour('--accent')],
  }
}

const TILE = 8

/** Slanted lines to fill what is missing with; null where nothing can be drawn. */
export function hatchOf({ faint }: ChartLook): unknown {
  const tile = document.createElement('canvas')
  tile.width = TILE
  tile.height = TILE
  const pen = tile.getContext('2d')
  if (pen === null) return null
  pen.strokeStyle = faint
  pen.globalAlpha = 0.55
  pen.lineWidth = 1
  for (const from of [-TILE, 0, TILE]) {
    pen.moveTo(from, TILE)
    pen.lineTo(from + TILE, 0)
  }
  pen.stroke()
  return { image: tile, repeat: 'repeat' }
}
