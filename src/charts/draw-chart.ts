import { createRequire } from 'node:module'

import { chartOptions, type Chart, type ChartRow } from '#charts/chart-options.ts'

/** For a mail of 560 pixels, twice as sharp. */
const WIDTH = 560
const HEIGHT = 300
const SHARPNESS = 2

export interface DrawnChart {
  readonly svg: string
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

const require = createRequire(import.meta.url)
const fonts = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf']

/**
 * The picture of a chart, drawn in this process, with letters of its own: the same on every machine.
 * Null for the kinds that are no picture. The libraries take a quarter of a second to load: only who
 * draws waits for them.
 */
export async function drawChart(
  chart: Chart,
  rows: readonly ChartRow[],
): Promise<DrawnChart | null> {
  const options = chartOptions(chart, rows)
  if (options === null) return null
  const [echarts, { Resvg }] = await Promise.all([import('echarts'), import('@resvg/resvg-js')])
  const instance = echarts.init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: HEIGHT,
  })
  try {
    instance.setOption(options)
    const svg = instance.renderToSVGString()
    const drawn = new Resvg(svg, {
      fitTo: { mode: 'width', value: WIDTH * SHARPNESS },
      font: {
        loadSystemFonts: false,
        defaultFontFamily: 'DejaVu Sans',
        fontFiles: fonts.map((name) => require.resolve(`dejavu-fonts-ttf/ttf/${name}`)),
      },
    }).render()
    return { svg, png: drawn.asPng(), width: WIDTH, height: HEIGHT }
  } finally {
    instance.dispose()
  }
}
