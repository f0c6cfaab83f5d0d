import { useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react'

import {
  bandOf,
  spotAt,
  squareAt,
  type Band,
  type Box,
  type Grid,
  type Spot,
  type Square,
} from '~/matrix/grid.ts'
import type { Level } from '~/matrix/levels.ts'
import { AXIS_HEIGHT } from '~/matrix/paint.ts'
import type { ViewStore } from '~/matrix/view-store.ts'
import { moved, zoomed } from '~/matrix/view.ts'

export interface Hover {
  readonly square: Square
  readonly x: number
  readonly y: number
}

interface PointerParts {
  readonly canvas: RefObject<HTMLCanvasElement | null>
  readonly grid: Grid
  readonly level: Level
  readonly store: ViewStore
  readonly box: () => Box | null
  /** True: dragging moves the view. */
  readonly isHand: boolean
  readonly onBand: (band: Band, adds: boolean) => void
  readonly onClick: (spot: Spot, adds: boolean) => void
  readonly onOpen: (square: Square) => void
}

type Gesture =
  | {
      readonly kind: 'select'
      readonly start: Spot
      readonly x: number
      readonly y: number
      readonly adds: boolean
    }
  | {
      readonly kind: 'pan'
      x: number
      readonly from: number
      readonly isTouch: boolean
      readonly y: number
    }
  | { readonly kind: 'pinch'; distance: number; x: number }

/** Farther than this a click is a drag. */
const STILL_PIXELS = 4
const ZOOM_SPEED = 0.0018

/**
 * Wheel and pinch zoom around the pointer; dragging selects, or moves the view where it begins on the
 * axis, with the middle button, with the space bar held, by hand, or by a finger.
 */
export function usePointer({
  canvas,
  grid,
  level,
  store,
  box,
  isHand,
  onBand,
  onClick,
  onOpen,
}: PointerParts) {
  const gesture = useRef<Gesture | null>(null)
  const pointers = useRef(new Map<number, { x: number; y: number }>())
  const isSpace = useRef(false)
  const [band, setBand] = useState<Band | null>(null)
  const [hover, setHover] = useState<Hover | null>(null)
  const { extent } = grid

  useEffect(() => {
    const element = canvas.current
    if (!element || !extent) return
    const wheel = (event: WheelEvent) => {
      const at = box()
      if (!at) return
      event.preventDefault()
      setHover(null)
      const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey
      const pixels = event.deltaMode === 1 ? 16 : 1
      if (isSideways && !event.ctrlKey) {
        const by = (event.deltaX || event.deltaY) * pixels
        store.set(moved(at.view, at.width, by, extent))
        return
      }
      // A pinch on a touchpad comes as a wheel with the control key, in small steps.
      const speed = ZOOM_SPEED * (event.ctrlKey ? 6 : 1) * pixels
      store.set(zoomed(at.view, at.width, event.offsetX, Math.exp(event.deltaY * speed), extent))
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [canvas, box, store, extent])

  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.code === 'Space') isSpace.current = event.type === 'keydown'
    }
    addEventListener('keydown', key)
    addEventListener('keyup', key)
    return () => {
      removeEventListener('keydown', key)
      removeEventListener('keyup', key)
    }
  }, [])

  const place = (event: PointerEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }

  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>) => {
    const at = box()
    if (!at || !extent || event.button > 1) return
    const { x, y } = place(event)
    event.currentTarget.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, { x, y })
    setHover(null)
    const isTouch = event.pointerType === 'touch'
    if (pointers.current.size === 2) {
      gesture.current = { kind: 'pinch', ...spread(pointers.current) }
      setBand(null)
    } else if (isTouch || isHand || isSpace.current || event.button === 1 || y < AXIS_HEIGHT) {
      gesture.current = { kind: 'pan', x, from: x, y, isTouch }
    } else {
      const adds = event.shiftKey || event.metaKey || event.ctrlKey
      gesture.current = { kind: 'select', start: spotAt(grid, at, x, y), x, y, adds }
    }
  }

  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>) => {
    const at = box()
    if (!at || !extent) return
    const { x, y } = place(event)
    if (pointers.current.has(event.pointerId)) pointers.current.set(event.pointerId, { x, y })
    const now = gesture.current
    if (!now) {
      if (event.pointerType === 'touch') return
      const square = y < AXIS_HEIGHT ? null : squareAt(grid, spotAt(grid, at, x, y))
      setHover(square && { square, x, y })
      return
    }
    if (now.kind === 'pan') {
      store.set(moved(at.view, at.width, now.x - x, extent))
      now.x = x
    } else if (now.kind === 'pinch') {
      const next = spread(pointers.current)
      const nearer = zoomed(
        at.view,
        at.width,
        next.x,
        now.distance / Math.max(1, next.distance),
        extent,
      )
      store.set(moved(nearer, at.width, now.x - next.x, extent))
      Object.assign(now, next)
    } else if (Math.hypot(x - now.x, y - now.y) > STILL_PIXELS) {
      setBand(bandOf(grid, level, now.start, spotAt(grid, at, x, y)))
    }
  }

  const onPointerUp = (event: PointerEvent<HTMLCanvasElement>) => {
    const at = box()
    const now = gesture.current
    pointers.current.delete(event.pointerId)
    if (pointers.current.size > 0) return
    gesture.current = null
    setBand(null)
    if (!at || !now || now.kind === 'pinch' || event.type === 'pointercancel') return
    const { x, y } = place(event)
    const from = now.kind === 'pan' ? now.from : now.x
    const isStill = Math.hypot(x - from, y - now.y) <= STILL_PIXELS
    const spot = spotAt(grid, at, x, y)
    if (isStill && y >= AXIS_HEIGHT && (now.kind === 'select' || now.isTouch)) {
      onClick(spot, now.kind === 'pan' || now.adds)
    } else if (now.kind === 'select' && !isStill) {
      onBand(bandOf(grid, level, now.start, spot), now.adds)
    }
  }

  const onDoubleClick = (event: React.MouseEvent<HTMLCanvasElement>) => {
    const at = box()
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const square = at && squareAt(grid, spotAt(grid, at, event.clientX - left, event.clientY - top))
    if (square) onOpen(square)
  }

  return {
    band,
    hover,
    handlers: {
      onPointerDown,
      onPointerMove,
      onPointerUp,
      onPointerCancel: onPointerUp,
      onPointerLeave: () => setHover(null),
      onDoubleClick,
    },
  }
}

function spread(pointers: ReadonlyMap<number, { x: number; y: number }>) {
  const [a = { x: 0, y: 0 }, b = a] = [...pointers.values()]
  return { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2 }
}
