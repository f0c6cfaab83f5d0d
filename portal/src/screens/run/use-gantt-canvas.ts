import { useEffect, useState, type RefObject } from 'react'

/** How wide an element is, in CSS pixels, as it changes. */
export function useWidth(box: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return width
}

/** Counts changes of the theme, for what is drawn with its colours, and the fonts that have come. */
export function useLooks(): number {
  const [looks, setLooks] = useState(0)
  useEffect(() => {
    const changed = () => setLooks((count) => count + 1)
    const observer = new MutationObserver(changed)
    observer.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-theme', 'data-brand'],
    })
    void document.fonts.ready.then(changed)
    return () => observer.disconnect()
  }, [])
  return looks
}

/** The context of a canvas that is sharp on every screen. */
export function sharpContext(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio || 1
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== wide) canvas.width = wide
  if (canvas.height !== high) canvas.height = high
  const context = canvas.getContext('2d')
  context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  return context
}
