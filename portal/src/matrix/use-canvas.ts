import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react'

import { paint, type Picture } from '~/matrix/paint.ts'
import { readPalette, type Palette } from '~/matrix/palette.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** Width and height of an element, as they change. */
export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const box = element.current
    if (!box) return
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = box
      setSize((former) =>
        former.width === width && former.height === height ? former : { width, height },
      )
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(box)
    return () => observer.disconnect()
  }, [element])
  return size
}

/** The theme's colours, read again when it changes or the fonts have come. */
export function usePalette(states: readonly string[]): Palette | null {
  const [palette, setPalette] = useState<Palette | null>(null)
  const names = states.join(' ')
  useEffect(() => {
    let isOver = false
    const read = () => {
      if (!isOver) setPalette(readPalette(document.body, names.split(' ')))
    }
    read()
    void document.fonts.ready.then(read)
    const observer = new MutationObserver(read)
    observer.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-theme', 'data-brand', 'style', 'class'],
    })
    return () => {
      isOver = true
      observer.disconnect()
    }
  }, [names])
  return palette
}

/**
 * Paints at most once a frame. `picture` is asked when it is time; null: there is nothing to paint yet.
 */
export function usePainting(
  canvas: RefObject<HTMLCanvasElement | null>,
  { width, height }: Size,
  picture: () => Picture | null,
): () => void {
  const latest = useRef(picture)
  const frame = useRef(0)
  useLayoutEffect(() => {
    latest.current = picture
  })
  const schedule = useCallback(() => {
    if (frame.current !== 0) return
    frame.current = requestAnimationFrame(() => {
      frame.current = 0
      const context = canvas.current?.getContext('2d', { alpha: false })
      const shown = latest.current()
      if (!context || !shown) return
      const ratio = devicePixelRatio || 1
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      paint(context, shown)
    })
  }, [canvas])
  useLayoutEffect(() => {
    if (!canvas.current || width === 0) return
    fitPixels(canvas.current, { width, height })
    schedule()
  }, [canvas, width, height, schedule])
  // Whatever was rendered may be in the picture.
  useEffect(schedule)
  useEffect(() => () => cancelAnimationFrame(frame.current), [])
  return schedule
}

/** As many pixels as the screen has for that size. */
function fitPixels(canvas: HTMLCanvasElement, { width, height }: Size): void {
  const ratio = devicePixelRatio || 1
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
}
