import '@xyflow/react/dist/base.css'
import {
  Background,
  MarkerType,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  type Edge,
} from '@xyflow/react'
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { useCallback, useMemo } from 'react'

import { BoxView, type BoxNode } from '~/screens/lineage/box.tsx'
import { boxHeight, boxWidth, neighbourOf, placesOf } from '~/screens/lineage/layout.ts'
import { wayOf, type Box, type Picture } from '~/screens/lineage/model.ts'
import { lineageTexts as texts } from '~/texts/lineage.ts'
import { IconButton } from '~/ui/button.tsx'

interface CanvasProps {
  readonly picture: Picture
  readonly chosen: string | null
  /** Boxes that the search fits; null: nobody searches. */
  readonly fitting: ReadonlySet<string> | null
  readonly onChoose: (id: string | null) => void
  readonly onOpen: (box: Box) => void
}

const nodeTypes = { box: BoxView }
/** What stands over the picture at its right side while something is chosen, on wide windows. */
const PANEL = 320
const arrows = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'])

/** The picture itself: dragged, zoomed with the wheel, walked with arrow keys. */
export default function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

function Flow({ picture, chosen, fitting, onChoose, onOpen }: CanvasProps) {
  const flow = useReactFlow()
  const places = useMemo(() => placesOf(picture), [picture])
  const way = useMemo(
    () => (chosen === null ? null : wayOf(picture.lines, chosen)),
    [picture, chosen],
  )
  const isOnWay = useCallback(
    (id: string) => way !== null && (id === chosen || way.above.has(id) || way.below.has(id)),
    [way, chosen],
  )
  const choose = useCallback(
    (id: string) => {
      onChoose(id)
      const place = places.get(id)
      if (place === undefined || innerWidth < 1024) return
      const { x: right } = flow.flowToScreenPosition({ x: place.x + boxWidth, y: place.y })
      const hidden = right - (innerWidth - PANEL - 24)
      const { x, y, zoom } = flow.getViewport()
      if (hidden > 0) void flow.setViewport({ x: x - hidden, y, zoom })
    },
    [places, onChoose, flow],
  )
  const walk = useCallback(
    (id: string, key: string) => {
      if (key === 'Escape') onChoose(null)
      if (!arrows.has(key)) return false
      const next = neighbourOf(picture, places, id, key as 'ArrowLeft')
      const place = next === null ? undefined : places.get(next)
      if (next === null || place === undefined) return true
      onChoose(next)
      const middle = [place.x + boxWidth / 2, place.y + boxHeight / 2] as const
      // A box out of sight is not drawn, and could not be focused.
      void flow.setCenter(...middle, { zoom: Math.max(flow.getZoom(), 0.6), duration: 0 })
      requestAnimationFrame(() =>
        requestAnimationFrame(() => document.getElementById(`box-${next}`)?.focus()),
      )
      return true
    },
    [picture, places, onChoose, flow],
  )

  const nodes = useMemo(
    () =>
      picture.boxes.map((box): BoxNode => {
        const { x, y } = places.get(box.id) ?? { x: 0, y: 0 }
        const isDim = fitting === null ? way !== null && !isOnWay(box.id) : !fitting.has(box.id)
        const lit = box.id === chosen ? 'chosen' : isDim ? 'dim' : way ? 'way' : 'plain'
        return {
          id: box.id,
          type: 'box',
          position: { x, y },
          width: boxWidth,
          height: boxHeight,
          draggable: false,
          selectable: false,
          focusable: false,
          data: { box, lit, onChoose: choose, onOpen, onKey: walk },
        }
      }),
    [picture, places, way, isOnWay, chosen, fitting, choose, onOpen, walk],
  )
  const edges = useMemo(() => {
    const drawn = picture.lines.map(({ from, to }): Edge => {
      const isLit =
        way !== null &&
        ((way.above.has(from) && (to === chosen || way.above.has(to))) ||
          (way.below.has(to) && (from === chosen || way.below.has(from))))
      const stroke = isLit ? 'var(--accent)' : 'var(--line-strong)'
      return {
        id: `${from} ${to}`,
        source: from,
        target: to,
        focusable: false,
        selectable: false,
        data: { isLit },
        style: { stroke, strokeWidth: isLit ? 2 : 1, opacity: way && !isLit ? 0.2 : 0.8 },
        markerEnd: { type: MarkerType.ArrowClosed, color: stroke, width: 14, height: 14 },
      }
    })
    // Lit ones are drawn over the others.
    return drawn.toSorted((a, b) => Number(a.data?.['isLit']) - Number(b.data?.['isLit']))
  }, [picture, way, chosen])
  return (
    <ReactFlow
      aria-label={texts.picture}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      fitView
      fitViewOptions={{ padding: 0.06, maxZoom: 1 }}
      minZoom={0.08}
      maxZoom={1.6}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      onlyRenderVisibleElements
      zoomOnDoubleClick={false}
      proOptions={{ hideAttribution: true }}
      onPaneClick={() => onChoose(null)}
    >
      <Background color="var(--line)" gap={24} />
      <Panel position="bottom-left" className="flex rounded-md border border-line bg-surface">
        <IconButton label={texts.zoomIn} onClick={() => void flow.zoomIn()}>
          <ZoomIn size={16} />
        </IconButton>
        <IconButton label={texts.zoomOut} onClick={() => void flow.zoomOut()}>
          <ZoomOut size={16} />
        </IconButton>
        <IconButton
          label={texts.fit}
          onClick={() => void flow.fitView({ padding: 0.06, maxZoom: 1 })}
        >
          <Maximize size={16} />
        </IconButton>
      </Panel>
    </ReactFlow>
  )
}
