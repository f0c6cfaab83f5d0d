import { useEffect, useMemo, useRef, useState } from 'react'

import { useTheme } from '~/browser/theme.ts'
import { chartLook, hatchOf } from '~/charts/chart-look.ts'
import type { init } from '~/charts/echarts.ts'
import { portalOptions, type Drawing, type Point } from '~/charts/portal-options.ts'
import { classes } from '~/ui/classes.ts'

interface ChartProps {
  readonly drawing: Drawing
  /** What is to be seen, for those who do not see it; the rows stand in a table beside it. */
  readonly label: string
  /** Pixels. Default 340. */
  readonly height?: number
  readonly onPoint?: ((point: Point) => void) | undefined
}

interface Pointed {
  readonly name?: string
  readonly seriesName?: string
  readonly value?: unknown
}

type Instance = ReturnType<typeof init>

/** A picture of rows. The library comes with the first one; until then the place is kept. */
export function Chart({ drawing, label, height = 340, onPoint }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const instance = useRef<Instance | null>(null)
  const pointed = useRef(onPoint)
  const latest = useRef<Record<string, unknown> | null>(null)
  const [isLoaded, setLoaded] = useState(false)
  const theme = useTheme()
  const options = useMemo(() => {
    // The look is read from the page, and is another one in the other theme.
    void theme
    const look = chartLook()
    return portalOptions(drawing, look, hatchOf(look))
  }, [drawing, theme])

  useEffect(() => {
    pointed.current = onPoint
  }, [onPoint])

  useEffect(() => {
    const place = box.current
    if (place === null) return
    let isGone = false
    const observer = new ResizeObserver(() => instance.current?.resize())
    void Promise.all([import('~/charts/echarts.ts'), document.fonts.ready]).then(([library]) => {
      if (isGone) return
      const made = library.init(place)
      instance.current = made
      made.on('click', (event) => {
        const { name = '', seriesName, value } = event as Pointed
        const at = Array.isArray(value) ? ([Number(value[0]), Number(value[1])] as const) : null
        pointed.current?.({ name, series: seriesName ?? null, at })
      })
      if (latest.current) made.setOption(latest.current, true)
      setLoaded(true)
      observer.observe(place)
    })
    return () => {
      isGone = true
      observer.disconnect()
      instance.current?.dispose()
      instance.current = null
    }
  }, [])

  useEffect(() => {
    latest.current = options
    if (options !== null) instance.current?.setOption(options, true)
  }, [options])

  return (
    <div
      ref={box}
      role="img"
      aria-label={label}
      style={{ height }}
      className={classes('w-full rounded-md', !isLoaded && 'animate-pulse bg-sunken')}
    />
  )
}
